"""The published JSON Schema (draft 2020-12) of the report, made from its models.

Run `python -m automation.reports.schema` after a change to the models.
"""

import json
from pathlib import Path
from typing import Any, Final

from automation.home import PROJECT
from automation.reports.model import ReportDocument

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
PUBLISHED: Final[Path] = PROJECT / "docs" / "deployment-report.schema.json"


def report_schema() -> dict[str, Any]:
    """Return the schema of a report file; every field is required, unknown ones are refused."""
    return {"$schema": DIALECT, **ReportDocument.model_json_schema(mode="serialization")}


def schema_text() -> str:
    """Return the schema as it is published."""
    return json.dumps(report_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PUBLISHED.write_text(schema_text(), encoding="utf-8")
