"""Writes a revision's SQL down instead of running it. Runs under the application's own Python.

Its text is handed to that interpreter: nothing of Slipway may be imported here, and nothing newer
than Python 3.9 used. Arguments: Alembic's configuration, the file to write, the revisions.
Alembic's own `--sql` stops at the first revision that cannot be written down; this goes on.
"""

import io
import json
import sys

from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory


def main(configuration: str, answer: str, names: "list[str]") -> None:
    """Write what both directions of each revision execute, as JSON."""
    toml = configuration.endswith(".toml")
    config = Config(toml_file=configuration) if toml else Config(configuration)
    script = ScriptDirectory.from_config(config)
    found: dict[str, object] = {}

    def look(context: MigrationContext) -> None:
        for name in names:
            revision = script.get_revision(name)
            found[name] = {
                "upgrade": _said(context, revision, "upgrade"),
                "downgrade": _said(context, revision, "downgrade"),
            }

    note = _with_environment(config, script, look) if names else ""
    if len(found) < len(names):
        # An env.py that always connects: everything but its own options is known without it.
        options = {"as_sql": True, "literal_binds": True, "output_buffer": io.StringIO()}
        context = MigrationContext.configure(dialect_name="postgresql", opts=options)
        with Operations.context(context):
            look(context)
    with open(answer, "w", encoding="utf-8") as file:  # noqa: PTH123 (works on any Python)
        json.dump({"revisions": found, "note": note}, file)


def _with_environment(config, script, look) -> str:  # type: ignore[no-untyped-def]
    """Look through the application's env.py; return why that was not possible, or nothing."""

    def reached(_revision, context):  # type: ignore[no-untyped-def]
        look(context)
        return []

    options = {"fn": reached, "as_sql": True, "output_buffer": io.StringIO()}
    try:
        with EnvironmentContext(config, script, **options):
            script.run_env()
    except (Exception, SystemExit) as error:  # noqa: BLE001 (whatever an env.py may raise)
        return _told(error)
    return ""


def _said(context, revision, direction) -> "dict[str, object]":  # type: ignore[no-untyped-def]
    statements: list[str] = []
    context.impl.static_output = statements.append
    problem = ""
    run = getattr(revision.module, direction, None)
    try:
        if run is None:
            problem = "there is no " + direction + "()"
        else:
            run()
    except (Exception, SystemExit) as error:  # noqa: BLE001 (whatever a revision may raise)
        problem = _told(error)
    return {
        "statements": statements,
        "problem": problem,
        "transaction": bool(context.impl.transactional_ddl),
    }


def _told(error: BaseException) -> str:
    first = (str(error).splitlines() or [""])[0]
    return (type(error).__name__ + ": " + first)[:300]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
