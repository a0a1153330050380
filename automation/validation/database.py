"""Does the environment's database answer?"""

import socket
from collections.abc import Mapping

from automation.errors import Blocked
from automation.migrations.connection import Target
from automation.migrations.revision import current
from automation.reports.observed import CheckFact


def connection(database: Mapping[str, str] | None) -> CheckFact:
    """Check that the schema's owner and the application's role can connect."""
    item = "database_connection"
    if database is None:
        details = "there is no database yet; it is made with the environment"
        return CheckFact(name="database", status="skipped", details=details, item=item)
    try:
        with Target.application(database).connect():
            revision = current(Target.owner(database))
    except Blocked as refused:
        log = "Neon's console" if "neon_project" in database else "the environment's `run/logs/`"
        return CheckFact(
            name="database",
            status="failed",
            details=refused.message,
            remedy=f"see {log}, and docs/runbook.md, The database refuses connections",
            item=item,
        )
    details = f"both roles connect; revision {revision or 'none'}"
    return CheckFact(name="database", status="passed", details=details, item=item)


def listens(database: Mapping[str, str]) -> bool:
    """Tell whether anything accepts connections where the database should be."""
    try:
        with socket.create_connection((database["host"], int(database["port"])), timeout=3):
            return True
    except OSError:
        return False
