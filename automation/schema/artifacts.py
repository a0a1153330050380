"""A release's revisions, read from its artifact: its sources may be gone, or others by now."""

from pathlib import Path

from automation.errors import Blocked
from automation.migrations.alembic import Alembic
from automation.specification import migrations
from automation.specification.recorded import recorded
from components.contract.release import Release


def graph_of(release: Release) -> migrations.Graph | None:
    """Return a release's revisions as its artifact has them; None where it is gone or has none."""
    artifact = release.backend
    if artifact is None or not Path(artifact.path).exists():
        return None
    try:
        specification = recorded(release)
    except Blocked:
        return None
    declared = specification.database.migrations if specification.database else None
    if declared is None:
        return None
    inside = Alembic.relative_to_backend
    moved = declared.model_copy(
        update={
            key: str(inside(specification, getattr(declared, key)))
            for key in ("config", "path", "scripts")
        }
    )
    return migrations.revisions(Path(artifact.path) / artifact.working_directory, moved)
