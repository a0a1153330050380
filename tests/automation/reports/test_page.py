import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from automation.reports.assembly import build_report
from automation.reports.page import html_page
from automation.reports.summary import summary_text
from tests.automation.reports import examples

HOSTILE = """<script>alert("x")</script><img src=x onerror='y'>&"""


def page_of(facts) -> str:
    return html_page(build_report(facts), facts)


def summary_of(facts) -> str:
    return summary_text(build_report(facts), facts)


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.addresses = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for key, value in attrs if key in ("src", "href", "srcset")]


@pytest.mark.parametrize("name", examples.ALL)
def test_the_page_needs_nothing_from_elsewhere(name):
    text = page_of(examples.ALL[name]())

    page = Page(text)
    assert set(page.addresses) <= {"incident.md"}
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert "url(" not in text
    assert "prefers-color-scheme: dark" in text


def test_what_comes_from_outside_is_escaped_everywhere():
    facts = examples.rolled_back()
    facts.deployer = facts.reason = facts.application = HOSTILE
    facts.explain("build.frontend.build_time_seconds", HOSTILE)
    facts.checks[0] = examples.o.CheckFact(name=HOSTILE, status="failed", details=HOSTILE)
    facts.smoke[1] = examples.o.SmokeFact(
        name=HOSTILE, category="pages", status="failed", milliseconds=1.0, error=HOSTILE
    )
    facts.immediate = [HOSTILE]
    facts.migrations = replace(facts.migrations, status="failed", returned=HOSTILE)

    text = page_of(facts)

    assert "<script" not in text
    assert "<img" not in text
    assert text.count("&lt;script&gt;") > 8


def test_the_verdict_what_is_live_the_way_back_and_the_failures_come_first():
    facts = examples.deployed()
    facts.smoke = examples.rolled_back().smoke

    text = page_of(facts)

    order = [
        text.index(part)
        for part in (
            "<h1>Deployed, with open issues</h1>",
            "release r-new, version 1.1.0",
            "<code>./slipway rollback development</code>",
            "expected 201, got 500",
            "<svg",
            "<h2>Steps</h2>",
            "<h2>Every field</h2>",
        )
    ]
    assert order == sorted(order)


def test_a_rolled_back_page_says_that_the_way_back_was_taken():
    facts = examples.rolled_back()

    assert "already taken: release r-old is live again" in page_of(facts)
    assert "already taken" in summary_of(facts)


def test_the_chart_shows_failed_requests_beside_the_weights():
    text = page_of(examples.deployed())

    assert "second 1: 20 sent, 2 failed" in text
    assert len(re.findall('class="bad-bar"', text)) == 1
    assert "from second 1.5: blue 0 %, green 100 %" in text


def test_without_a_probe_the_page_says_why():
    text = page_of(examples.blocked())

    assert "<svg" not in text
    assert "Not observed: step roll_out was not reached" in text


@pytest.mark.parametrize("name", examples.ALL)
def test_the_summary_fits_a_screen(name):
    facts = examples.ALL[name]()
    facts.reason = "long " * 60
    facts.checks = [
        examples.o.CheckFact(name=f"check {number}", status="failed", details="no")
        for number in range(30)
    ]

    lines = summary_of(facts).splitlines()

    assert len(lines) <= 40
    assert all(len(line) <= 100 for line in lines)
    assert any("more, see the report" in line for line in lines)


def test_the_summary_of_a_deployment_is_this():
    assert summary_of(examples.deployed()) == (
        "verdict      Deployed\n"
        "deployment   d-42, development, by ada\n"
        "version      1.1.0, commit bbbbbbbbbbbb\n"
        "live         release r-new, version 1.1.0\n"
        "address      https://todo.localhost:8443\n"
        "health       healthy, ready for traffic\n"
        "migration    0003 applied, backup verified (100 000 rows), r-old tolerates it\n"
        "smoke tests  3 of 3 passed, 0 failed\n"
        "traffic      60 requests during the rollout, 2 failed (2 × 503), longest gap 130 ms\n"
        "took         42 s\n"
        "way back     ./slipway rollback development (to release r-old, version 1.0.0)\n"
        "rollout      2 of 2 steps\n"
        "              1 pass           3.0 s  backend 100 %, frontend 0 %: backend to green\n"
        "              2 pass           2.0 s  backend 100 %, frontend 100 %: frontend to green\n"
    )
