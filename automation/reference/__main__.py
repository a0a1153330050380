"""`python -m automation.reference`: bring the generated parts of all pages up to date."""

import sys

from automation.files import replace
from automation.home import PROJECT
from automation.reference.pages import filled, pages


def main() -> None:
    """Write every page that differs and name it."""
    for page in pages():
        text = page.read_text("utf-8")
        if (new := filled(text)) != text:
            replace(page, new).chmod(0o644)
            sys.stdout.write(f"wrote {page.relative_to(PROJECT)}\n")


if __name__ == "__main__":
    main()
