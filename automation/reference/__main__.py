"""`python -m automation.reference`: bring everything that is made from the code up to date."""

import sys

from automation.home import PROJECT
from automation.reference import project
from automation.reference.pages import filled, pages
from automation.reports.schema import PUBLISHED, schema_text
from components.contract.files import replace


def main() -> None:
    """Write every file that differs and name it."""
    made = {page: filled(page.read_text("utf-8")) for page in pages()}
    declaration = PROJECT / "Pulumi.yaml"
    made[declaration] = project.filled(declaration.read_text("utf-8"))
    made[PUBLISHED] = schema_text()
    for path, new in made.items():
        if new != path.read_text("utf-8"):
            replace(path, new).chmod(0o644)
            sys.stdout.write(f"wrote {path.relative_to(PROJECT)}\n")


if __name__ == "__main__":
    main()
