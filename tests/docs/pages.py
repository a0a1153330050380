"""The pages of the documentation, and what they are made of."""

import re
from pathlib import Path

from automation.home import PROJECT
from automation.reference.pages import pages

PAGES = {page.relative_to(PROJECT).as_posix(): page for page in pages()}
FENCE = re.compile(r"^```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def text(page: str | Path) -> str:
    """Return the text of a page, named from the project's root."""
    return (PROJECT / page).read_text("utf-8")


def all_text() -> str:
    """Return the text of all pages."""
    return "\n".join(text(page) for page in PAGES)


def prose(page: str | Path) -> str:
    """Return a page without its blocks of code."""
    return FENCE.sub("", text(page))


def anchors(page: str | Path) -> set[str]:
    """Return the anchors of a page's headings, as code hosts make them."""
    found = HEADING.findall(prose(page))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in found}


def commands() -> list[tuple[str, str]]:
    """List (page, command) for each line of each `sh` block, without comments."""
    return [
        (page, command)
        for page in PAGES
        for fence in FENCE.finditer(text(page))
        if fence["kind"] == "sh"
        for line in fence["body"].splitlines()
        if (command := re.sub(r"(^|\s)#.*$", "", line).strip())
    ]
