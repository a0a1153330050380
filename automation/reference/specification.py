"""The keys of the specification documents, and the references that their values may hold."""

from collections.abc import Iterable

from pydantic import BaseModel

from automation.reference.meanings import KEYS
from automation.reference.tables import default, table, typed
from automation.specification import models
from components.contract import references as known

DOCUMENT = (
    models.Specification,
    models.Frontend,
    models.Backend,
    models.Secret,
    models.Database,
    models.Migrations,
    models.Thresholds,
    models.Rollback,
)
FLOWS = (models.Flow, models.Step, models.Expect)


def keys() -> str:
    """Return a table for each part of the documents but smoke flows."""
    return _tables(DOCUMENT)


def flow_keys() -> str:
    """Return the tables of smoke flows."""
    return _tables(FLOWS)


def _tables(shapes: Iterable[type[BaseModel]]) -> str:
    return "\n".join(f"### {shape.__name__}\n\n{_table(shape)}" for shape in shapes)


def _table(shape: type[BaseModel]) -> str:
    meanings = KEYS[shape.__name__]
    rows = [
        (f"`{field.alias or name}`", typed(field), default(field), meanings[field.alias or name])
        for name, field in shape.model_fields.items()
    ]
    return table(("Key", "Type", "Default", "Meaning"), rows)


def references() -> str:
    """Return the table of references."""
    rows = [
        (
            f"`${{{name}}}`",
            f"{meaning[:1].upper()}{meaning[1:]}",
            "yes" if name in known.BUILD_TIME else "no",
            "yes" if name in known.SENSITIVE else "no",
        )
        for name, meaning in known.PROVIDED.items()
    ]
    rows.append(("`${secret.NAME}`", "Value of the secret `NAME` of `secrets`", "no", "yes"))
    return table(("Reference", "Stands for", "Known to a build", "Secret"), rows)
