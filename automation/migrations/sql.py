"""The SQL of revisions, written down by the application's own Alembic: nothing is connected to."""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from postgast import nodes as ast
from postgast import pg_query_pb2 as pg

from automation.errors import SlipwayError
from automation.migrations import parsed
from automation.migrations.alembic import Alembic
from automation.processes import environment, run
from automation.specification.revision import Revision
from components.contract import references
from components.contract.values import database_values

LIMIT_SECONDS = 120.0
NOWHERE = {"host": "127.0.0.1", "port": "1", "name": "none", "user": "none", "password": "none"}
"""Where nothing listens: an env.py that connects all the same cannot touch a database."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement as it will be executed, without the semicolon."""

    text: str
    in_transaction: bool


@dataclass(frozen=True, kw_only=True)
class Script:
    """What one direction of a revision executes.

    `problem` says why that is not, or not wholly, known before it runs; empty where it is.
    Slipway runs each revision by itself: none shares a transaction with its neighbours.
    """

    statements: tuple[Statement, ...] = ()
    problem: str = ""

    @property
    def transactional(self) -> bool:
        """Tell whether all of it is known to be one transaction: a failure leaves nothing."""
        return not self.problem and all(each.in_transaction for each in self.statements)


@dataclass(frozen=True, kw_only=True)
class Scripts:
    """Both directions of a revision."""

    upgrade: Script
    downgrade: Script


def written(alembic: Alembic, revisions: Sequence[Revision]) -> dict[str, Scripts]:
    """Return the SQL of each revision, by id. What cannot be known is a `problem`, never raised."""
    if not revisions:
        return {}
    names = [one.id for one in revisions]
    with tempfile.TemporaryDirectory(prefix="slipway-sql-") as folder:
        answer = Path(folder) / "answer.json"
        problem = _asked(alembic, answer, names)
        found = json.loads(answer.read_text("utf-8"))["revisions"] if answer.exists() else {}
    return scripts(found, names, problem, alembic.clean)


def scripts(
    found: Mapping[str, Any], names: Sequence[str], problem: str, clean: Callable[[str], str]
) -> dict[str, Scripts]:
    """Read what the recorder answered; `problem` is why it did not, where it did not."""
    unknown = {"problem": problem or "Alembic said nothing about it"}
    return {
        name: Scripts(
            upgrade=_script(found.get(name, {}).get("upgrade", unknown), clean),
            downgrade=_script(found.get(name, {}).get("downgrade", unknown), clean),
        )
        for name in names
    }


def _asked(alembic: Alembic, answer: Path, names: Sequence[str]) -> str:
    """Run the recorder; return why it did not answer, or nothing."""
    python = Path(alembic.artifact.path) / "venv" / "bin" / "python"
    arguments = [str(alembic.configuration()), str(answer), *names]
    try:
        done = run(
            # Not the file: its folder has an alembic.py that would be imported for Alembic.
            [str(python), "-c", _recorder(), *arguments],
            cwd=alembic.folder(),
            env=environment(_variables(alembic)),
            timeout=LIMIT_SECONDS,
            cancelled=alembic.cancelled,
        )
    except (OSError, SlipwayError) as error:
        return alembic.clean(str(error))
    return "" if done.code == 0 else alembic.clean(" ".join(done.tail[-1:]) or f"exit {done.code}")


@cache
def _recorder() -> str:
    return Path(__file__).with_name("recorder.py").read_text("utf-8")


def _variables(alembic: Alembic) -> dict[str, str]:
    # A first deployment's secrets are not made yet; the SQL does not depend on them.
    known = {**alembic.values, **database_values(NOWHERE), "port": "0"}
    return {
        name: references.resolve(
            template, {**dict.fromkeys(references.names(template), "none"), **known}
        )
        for name, template in alembic.artifact.variables.items()
    }


def _script(found: Mapping[str, Any], clean: Callable[[str], str]) -> Script:
    inside = bool(found.get("transaction", True))
    statements: list[Statement] = []
    for text in found.get("statements", ()):
        for each in split(clean(text)):
            if (moved := _moves(each)) is not None:
                inside = moved
            else:
                statements.append(Statement(text=each, in_transaction=inside))
    return Script(
        statements=tuple(statements),
        problem=clean(str(found.get("problem", ""))),
    )


def split(text: str) -> tuple[str, ...]:
    """Cut a text into its statements; one that PostgreSQL cannot parse stays in one piece."""
    try:
        return parsed.split(text)
    except parsed.UnreadableError:
        plain = text.strip().removesuffix(";").strip()
        return (plain,) if plain else ()


def _moves(text: str) -> bool | None:
    """Tell whether a statement leads into a transaction or out of it; None, neither."""
    try:
        node = parsed.parsed(text)
    except parsed.UnreadableError:
        return None
    if not isinstance(node, ast.TransactionStmt):
        return None
    if node.kind in (pg.TRANS_STMT_BEGIN, pg.TRANS_STMT_START):
        return True
    return False if node.kind in (pg.TRANS_STMT_COMMIT, pg.TRANS_STMT_ROLLBACK) else None
