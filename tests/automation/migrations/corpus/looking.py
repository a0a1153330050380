"""What the corpus' migrations look like to the lint, without a process or a database."""

import json
from dataclasses import dataclass
from pathlib import Path

from automation.migrations import recorder
from automation.migrations.catalogue import Catalogue, Column, Table
from automation.migrations.graph import Route, route
from automation.migrations.lint.linter import Subject
from automation.migrations.sql import Scripts, scripts
from automation.specification.migrations import Graph, revisions
from automation.specification.models import Migrations
from components.contract.desired import DesiredState
from tests.fixtures.migrations.corpus.case import Case, write

GIGA = 1_200_000_000
LARGE = 10_000_000
ORDERS = {
    "id": Column(type="bigint", required=True),
    "person": Column(type="bigint"),
    "total": Column(type="numeric(10,2)"),
    "status": Column(type="text", required=True, default=True),
    "note": Column(type="character varying(100)"),
}
PEOPLE = {
    "id": Column(type="bigint", required=True),
    "name": Column(type="text", required=True),
    "email": Column(type="character varying(50)"),
    "age": Column(type="integer"),
    "mood": Column(type="mood", default=True),
}
LIVE = Catalogue(
    tables={
        "orders": Table(rows=LARGE, bytes=GIGA, index_bytes=GIGA // 5, columns=ORDERS),
        "people": Table(rows=LARGE, bytes=GIGA, index_bytes=GIGA // 5, columns=PEOPLE),
    },
    enums={"mood": ("sad", "ok", "glad")},
    indexes={"orders_status": "orders"},
)
"""The corpus' first revision with ten million rows in each table."""


@dataclass(frozen=True)
class Looked:
    """A migration of the corpus as it is read."""

    graph: Graph
    way: Route
    scripts: dict[str, Scripts]

    @property
    def subjects(self) -> list[Subject]:
        held = {one.id for one in self.way.later}
        return [
            Subject(revision=one, script=self.scripts[one.id].upgrade, held=one.id in held)
            for one in (*self.way.now, *self.way.later)
        ]


def look(case: Case, folder: Path, *, hold: bool = True) -> Looked:
    """Read a migration. Raise Blocked where there is no way to one head."""
    configuration = write(case, folder)
    graph = revisions(folder, Migrations())
    way = route(graph, ("0001",), live=DesiredState(), hold=hold)
    names = [one.id for one in (*way.now, *way.later)]
    answer = folder / "answer.json"
    recorder.main(str(configuration), str(answer), names)
    found = json.loads(answer.read_text())["revisions"]
    return Looked(graph, way, scripts(found, names, "", str))
