"""Can the database's platform do what is about to be asked of it?"""

from collections.abc import Mapping

from automation.reports.observed import CheckFact
from clients.neon import account, branches, projects
from clients.neon.errors import NeonError
from clients.neon.transport import Api, Json
from components.contract.settings import DatabasePolicy, Settings

NAME = "neon"
ITEM = "resources_available"
HISTORY_SECONDS: Mapping[DatabasePolicy, int] = {
    "strict": 86_400,
    "balanced": 21_600,
    "permissive": 0,
}
"""How far back each policy promises that the database can be brought to any moment."""
NEEDED_BRANCHES = 2
"""A migration takes a branch for the backup and one for the rehearsal."""


def checks(
    settings: Settings, database: Mapping[str, str] | None, api: Api | None = None
) -> list[CheckFact]:
    """Check key, project and history where the database is, or is to be, at Neon."""
    if (settings.database_platform == NAME) != ("neon_project" in (database or {})) and database:
        return [_moved(settings)]
    if settings.database_platform != NAME:
        return []
    history = _history(settings)
    try:
        api = api or Api.from_environment()
        if database is None:
            account.reached(api, settings.neon_organization)
            details = "Neon takes the key; the project is made with the environment"
            return [_passed(details), history]
        project = projects.get(api, database["neon_project"])
        if project is None:
            return [_gone(database["neon_project"]), history]
        held = len(branches.listed(api, project["id"]))
    except NeonError as refused:
        return [_failed(refused.message, refused.hint), history]
    return [*_project(project, held, HISTORY_SECONDS[settings.database_policy]), history]


def _project(project: Json, held: int, promised: int) -> list[CheckFact]:
    found, name = [], project["name"]
    if used := account.exhausted(project):
        found.append(
            _failed(
                f"the project {name} has used up {', '.join(used)}: Neon has suspended it",
                "raise the quota in Neon's console, or wait for the next billing period",
            )
        )
    limit = account.branch_limit(project)
    if limit is not None and held + NEEDED_BRANCHES > limit:
        found.append(
            _failed(
                f"the project has {held} of {limit} branches; a migration needs {NEEDED_BRANCHES}",
                "lower slipway:backupsRetained, delete branches, or choose a larger plan",
                blocking=False,
            )
        )
    keeps = int(project.get("history_retention_seconds") or 0)
    if keeps < promised:
        found.append(
            _failed(
                f"the project keeps {keeps} s of history, the policy promises {promised} s",
                "where it was changed in Neon's console, `pulumi refresh` and deploy again",
                blocking=False,
            )
        )
    details = f"Neon takes the key; the project {name} has {held} branches"
    return found or [_passed(details)]


def _history(settings: Settings) -> CheckFact:
    has, policy = settings.neon_history_retention_seconds, settings.database_policy
    promised = HISTORY_SECONDS[policy]
    if has < promised:
        return _failed(
            f"slipway:neonHistoryRetentionSeconds is {has}, but slipway:databasePolicy {policy} "
            f"promises {promised} s",
            f"set it to {promised} or more, as far as Neon's plan allows, or choose another policy",
            name="neon history",
        )
    return _passed(f"{has} s of history, {policy} promises {promised} s", name="neon history")


def _moved(settings: Settings) -> CheckFact:
    return _failed(
        f"slipway:databasePlatform is {settings.database_platform}, but the data is elsewhere, "
        "and would be lost",
        "set it back; to move, dump the data, destroy the environment, deploy, and load it",
    )


def _gone(project: str) -> CheckFact:
    return _failed(
        f"the project {project} is not there, or the key may not see it",
        "recover it in Neon's console within 7 days, or check NEON_API_KEY; `pulumi refresh` "
        "makes the next deployment start with an empty one",
    )


def _passed(details: str, *, name: str = NAME) -> CheckFact:
    return CheckFact(name=name, status="passed", details=details, item=ITEM)


def _failed(details: str, remedy: str, *, name: str = NAME, blocking: bool = True) -> CheckFact:
    return CheckFact(
        name=name, status="failed", details=details, remedy=remedy, blocking=blocking, item=ITEM
    )
