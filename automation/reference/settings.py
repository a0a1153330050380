"""The keys of `Pulumi.<environment>.yaml`."""

from automation.reference.tables import default, table, typed
from components.contract.names import PROJECT
from components.contract.settings import Settings


def settings() -> str:
    """Return the table of all keys."""
    rows = [
        (f"`{PROJECT}:{field.alias or name}`", typed(field), default(field), _meaning(field))
        for name, field in Settings.model_fields.items()
    ]
    return table(("Key", "Type", "Default", "Meaning"), rows)


def _meaning(field: object) -> str:
    return str(getattr(field, "description", None) or "")
