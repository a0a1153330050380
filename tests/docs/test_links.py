"""Links lead somewhere, and pages hold nothing of the machine that they were written on."""

import re

import pytest

from automation.home import PROJECT
from tests.docs.pages import LINK, PAGES, anchors, prose, text

HOSTS = {
    "localhost",
    "keepachangelog.com",
    "jmespath.org",
    "neon.com",
    "console.neon.tech",
    "squawkhq.com",
    "vercel.com",
    "api.pulumi.com",
}
UNWANTED = re.compile(
    r"/(?:work|root|tmp|home|Users)/|index-url|\bproxy\.|registry\.|pypi|npmjs"
    r"|co-authored|generated (?:by|with)\b|written by\b|\bassistant\b|(?-i:\bTODO\b|\bFIXME\b)",
    re.IGNORECASE,
)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_and_anchor_resolves(page: str):
    broken = [link for link in LINK.findall(prose(page)) if not _resolves(page, link)]

    assert broken == []


def _resolves(page: str, link: str) -> bool:
    if link.startswith("https://"):
        return True
    path, _, anchor = link.partition("#")
    target = (PROJECT / page).parent / path if path else PROJECT / page
    if not target.exists():
        return False
    return not anchor or anchor in anchors(target)


@pytest.mark.parametrize("page", PAGES)
def test_no_host_is_named_but_those_that_are_meant(page: str):
    hosts = set(re.findall(r"https?://([\w.-]+)", text(page)))

    assert hosts <= HOSTS


@pytest.mark.parametrize("page", [*PAGES, "docs/images/up.svg"])
def test_no_page_tells_of_a_machine_or_of_its_making(page: str):
    assert UNWANTED.findall(text(page)) == []


def test_the_picture_fetches_nothing():
    hosts = set(re.findall(r"https?://([\w.-]+)", text("docs/images/up.svg")))

    assert hosts <= {"www.w3.org", "localhost", "todo.localhost", "github.com"}
    assert "url(http" not in text("docs/images/up.svg")


def test_an_anchor_is_made_as_code_hosts_make_it():
    assert "3-blocked" in anchors("docs/runbook.md")
    assert "it-is-broken-now-go-back" in anchors("docs/runbook.md")
