"""`slipway doctor`: which tools are there, and what is missing."""

from automation.commands.output import Output
from automation.toolchain.doctor import diagnose


def doctor(as_json: bool) -> int:
    """Print what was found. Return 0 where nothing is missing, else 3."""
    out = Output(as_json)
    findings = diagnose()
    if as_json:
        out.data([vars(finding) for finding in findings])
    else:
        for found in findings:
            version = found.version or ""
            hint = f"  → {found.hint}" if found.hint and found.status != "ok" else ""
            out.text(f"{found.status:<8}{found.name:<22}{version:<14}{found.path or ''}{hint}")
    return 0 if all(finding.status in ("ok", "note") for finding in findings) else 3
