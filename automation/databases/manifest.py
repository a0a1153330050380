"""What is known of a backup, beside it: a dump without one was never verified."""

import json
from dataclasses import asdict
from pathlib import Path

from automation.databases.base import Backup
from automation.databases.content import Content, Table
from components.contract.files import replace

SUFFIX = ".json"


def write(folder: Path, backup: Backup) -> Path:
    """Write what is known of a verified backup, for its owner only."""
    path = folder / f"{backup.id}{SUFFIX}"
    replace(path, json.dumps(asdict(backup), indent=1, default=dict))
    path.chmod(0o600)
    return path


def read(folder: Path, id_: str) -> Backup | None:
    """Return what is known of a backup; None where there is none, or it makes no sense."""
    path = folder / f"{id_}{SUFFIX}"
    try:
        found = json.loads(path.read_text())
        tables = {
            name: Table(one["rows"], one["checksum"], tuple(one["columns"]))
            for name, one in found["content"]["tables"].items()
        }
        return Backup(**{**found, "content": Content(found["content"]["schema"], tables)})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def every(folder: Path) -> list[Backup]:
    """List the backups of a folder, oldest first."""
    names = [path.name.removesuffix(SUFFIX) for path in folder.glob(f"*{SUFFIX}")]
    found = [backup for name in names if (backup := read(folder, name)) is not None]
    return sorted(found, key=lambda backup: (backup.at, backup.id))


def remove(folder: Path, id_: str) -> None:
    """Forget a backup: first what says that it is one."""
    (folder / f"{id_}{SUFFIX}").unlink(missing_ok=True)
    (folder / id_).unlink(missing_ok=True)
