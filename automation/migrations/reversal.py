"""What a rollback does to the schema: kept where that is proven, else taken back. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from automation.errors import Blocked
from components.contract.desired import DesiredState
from components.contract.proof import SchemaProof
from components.contract.release import Release

Mode = Literal["none", "upgrade", "keep", "downgrade", "restore"]


@dataclass(frozen=True, kw_only=True)
class WayDown:
    """The downgrade from where the database is to an older release's revision.

    `maker` is the release whose artifact has the revisions, `problem` why there is no such way.
    """

    revisions: tuple[str, ...] = ()
    maker: str | None = None
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Reversal:
    """What is done, why, and what it means: `consequences` are sentences for a person."""

    mode: Mode
    why: str
    head: str | None = None
    maker: str | None = None
    revisions: tuple[str, ...] = ()
    backup: str | None = None
    consequences: tuple[str, ...] = ()

    @property
    def moves(self) -> bool:
        """Tell whether the schema goes back, for which the live release has to stop."""
        return self.mode in ("downgrade", "restore")


def choose(
    state: DesiredState,
    target: Release,
    at: str,
    down: WayDown,
    *,
    backup: str | None,
    wanted: str | None = None,
) -> Reversal:
    """Decide for a database at a newer revision than the target was built for.

    `wanted` is `keep`, `downgrade` or `restore`, or None to choose by what is known. `backup` is
    the newest with the target's schema. Raise Blocked where what is wanted cannot be done, and
    where nothing is known to work.
    """
    proof = state.proof(target.id, at)
    if wanted == "keep" or (wanted is None and proof is not None and proof.tolerated):
        return _keep(target, at, proof)
    if wanted == "downgrade" or (wanted is None and not down.problem):
        if down.problem:
            raise Blocked(
                f"the schema cannot be downgraded to {target.alembic_head}: {down.problem}",
                hint=_others(target, backup),
            )
        return _downgrade(target, at, down, proof)
    if wanted == "restore":
        if backup is None:
            raise Blocked(
                f"no backup is kept that holds the schema {target.alembic_head} of {target.id}",
                hint="See `./slipway history ENVIRONMENT --json`; slipway:backupsRetained says how "
                "many are kept.",
            )
        return _restore(target, at, backup)
    raise Blocked(
        f"{target.id} is not known to live with the schema {at}, and there is no way down",
        details=(_known(target, proof), f"downgrade: {down.problem}"),
        hint=_others(target, backup),
    )


def _keep(target: Release, at: str, proof: SchemaProof | None) -> Reversal:
    proven = proof is not None and proof.tolerated
    told = [f"the schema stays at {at}, with all of its data"]
    if not proven:
        told.append(f"{target.id} may fail on it: {_known(target, proof)}")
    return Reversal(mode="keep", why=_known(target, proof), head=at, consequences=tuple(told))


def _downgrade(target: Release, at: str, down: WayDown, proof: SchemaProof | None) -> Reversal:
    return Reversal(
        mode="downgrade",
        why=_known(target, proof),
        head=target.alembic_head,
        maker=down.maker,
        revisions=down.revisions,
        consequences=(
            f"the schema goes from {at} down to {target.alembic_head} by "
            f"{', '.join(down.revisions)}, after a backup and a rehearsal on its copy",
            "columns and tables that these revisions added go, with their data; every other row "
            "stays, also those written since",
            "the live release stops first: there is downtime, and it is measured",
        ),
    )


def _restore(target: Release, at: str, backup: str) -> Reversal:
    return Reversal(
        mode="restore",
        why="asked for",
        head=target.alembic_head,
        backup=backup,
        consequences=(
            f"the database becomes what {backup} holds, at {target.alembic_head}, not {at}",
            "the live release stops first: there is downtime, and it is measured",
        ),
    )


def _known(target: Release, proof: SchemaProof | None) -> str:
    if proof is None:
        return f"no rehearsal has tried {target.id} on this schema"
    seen = {True: "proven", False: "refuted", None: "could not be seen"}[proof.tolerated]
    return f"{seen} at {proof.at}: {proof.reason}"


def _others(target: Release, backup: str | None) -> str:
    keep = "`--database keep` leaves the schema as it is, unproven"
    if backup is None:
        return f"{keep}; no backup with the schema of {target.id} is kept."
    return f"{keep}; `--database restore` returns to {backup} and says first what is lost."


def downward(path: Sequence[str], irreversible: Sequence[str], maker: str | None) -> WayDown:
    """Return the way down over a path, oldest first; none over a revision without a downgrade."""
    if irreversible:
        return WayDown(problem=f"{', '.join(irreversible)} cannot be taken back")
    return WayDown(revisions=tuple(reversed(path)), maker=maker)
