"""`slipway init`: inspect an application and write its specification for a person to review."""

from pathlib import Path

from automation.commands.output import Output
from automation.inspection.application import inspect
from automation.inspection.credentials import scan
from automation.inspection.documents import documents, write


def init(app: Path, force: bool, as_json: bool) -> int:
    """Write `specs/` into the application's folder; nothing else of it is touched. Return 0."""
    out = Output(as_json)
    findings = inspect(app.resolve())
    written = write(app.resolve(), documents(findings), force)
    sightings = scan(app.resolve())
    if as_json:
        out.data(
            {
                "written": [str(path) for path in written],
                "credentials": [f"{s.file}:{s.line} ({s.name})" for s in sightings],
            }
        )
        return 0
    out.text("\n".join(f"wrote {path}" for path in written))
    for sighting in sightings:
        out.text(
            f"note  {sighting.file}:{sighting.line}: {sighting.name} looks like a credential; "
            "it was not copied"
        )
    out.text(f"\nReview them, then: ./slipway up development --app {app}")
    return 0
