"""Pages with generated parts: what lies between two marks is replaced, the rest is by hand."""

import re
from pathlib import Path

from automation.home import PROJECT
from automation.reference import BLOCKS

MARKED = re.compile(
    r"(<!-- generated: (?P<name>[a-z-]+) -->\n).*?(<!-- end of generated -->)", re.DOTALL
)


def pages(root: Path = PROJECT) -> list[Path]:
    """List the pages of the documentation, README.md first."""
    top = [root / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    return [*top, *sorted((root / "docs").rglob("*.md"))]


def filled(text: str) -> str:
    """Return a page with its generated parts as the code has them now. Raise KeyError for a
    part that nothing generates."""
    return MARKED.sub(
        lambda found: f"{found[1]}\n{BLOCKS[found['name']]().strip()}\n\n{found[3]}", text
    )
