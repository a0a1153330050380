"""What a change of the schema was about, written down before it: a killed driver cannot say."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from automation.databases.content import Table
from automation.migrations import remark
from automation.migrations.connection import Target
from automation.migrations.returning import Before
from components.contract import files

FILE = "schema-change.json"
Place = Path | Target
"""The environment's folder; or, where its database is not on this machine, that database as its
owner: whoever deploys, from wherever, finds it there. An environment has one of the two."""
Phase = Literal["changing", "changed"]


@dataclass(frozen=True, kw_only=True)
class Journal:
    """One change. `phase` is `changing` until the change was verified.

    `serving` is the release that serves with the schema before, `tolerated` whether it is known
    to live with the one after. `downgrade`: the way back was rehearsed and works; `lossy`: rows
    would lose values by it.
    `maker` is the release whose Alembic knows both revisions. `resumes` is the deployment that made
    the change, where `deployment` has gone on with its rollout. `made` is what the tables held
    when it was finished, where nothing served: what differs later, a failed release wrote.
    """

    deployment: str
    phase: Phase
    before: Before
    target: str | None
    maker: str
    serving: str | None
    tolerated: bool | None
    downgrade: bool
    lossy: bool
    backup: str | None
    action: Literal["upgrade", "downgrade", "restore"] = "upgrade"
    resumes: str | None = None
    made: Mapping[str, Table] | None = None

    def belongs_to(self, deployment: str) -> bool:
        """Tell whether it is a deployment's own change, or that of the one that it goes on with."""
        return deployment in (self.deployment, self.resumes)

    def taken_over(self, deployment: str, resumes: str) -> "Journal":
        """Return it as of the deployment that goes on with the rollout of another one."""
        return replace(self, deployment=deployment, resumes=resumes)

    def finished(self, made: Mapping[str, Table] | None = None) -> "Journal":
        """Return it as of a change that was verified."""
        return replace(self, phase="changed", made=made)

    def write(self, place: Place) -> "Journal":
        """Write it down, in place of the one before. Raise Blocked where a database refuses."""
        before = {
            "revision": self.before.revision,
            "schema": self.before.schema,
            "objects": sorted(self.before.objects),
        }
        content = {**asdict(replace(self, before=Before(None, "", ()))), "before": before}
        if isinstance(place, Target):
            remark.write(place, json.dumps(content))
        else:
            files.replace(place / FILE, json.dumps(content, indent=1))
        return self


def read(place: Place) -> Journal | None:
    """Return what was written last; None where there is nothing, or it makes no sense.

    Raise Blocked where a database refuses.
    """
    try:
        found: Mapping[str, object] = json.loads(_text(place))
        before = dict(found["before"])  # type: ignore[call-overload]
        objects = frozenset((kind, name) for kind, name in before["objects"])
        known = Before(before["revision"], before["schema"], objects)
        made = found.get("made")
        tables = made and {name: _table(one) for name, one in made.items()}  # type: ignore[attr-defined]
        return Journal(**{**found, "before": known, "made": tables})  # type: ignore[arg-type]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _text(place: Place) -> str:
    if isinstance(place, Target):
        return remark.read(place) or ""
    return (place / FILE).read_text()


def _table(found: Mapping[str, Any]) -> Table:
    return Table(found["rows"], found["checksum"], tuple(found["columns"]))


def forget(place: Place) -> None:
    """Say that no change is under way. Raise Blocked where a database refuses."""
    if isinstance(place, Target):
        remark.write(place, None)
    else:
        (place / FILE).unlink(missing_ok=True)
