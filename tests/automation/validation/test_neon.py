"""What is known of Neon before anything is touched."""

from typing import Any

import pytest

from automation.validation import neon
from clients.neon.transport import Api
from components.contract.settings import Settings
from tests.doubles.web import Asked, Reply, Web

KEY = "napi_sentinel"
DEPLOYED = {"neon_project": "p-1", "neon_branch": "b-1"}


class Account:
    """An API with one project, which answers what it was given."""

    def __init__(self, **project: Any) -> None:
        self.project = {"id": "p-1", "name": "todo", "history_retention_seconds": 86400, **project}
        self.branches = [{"name": f"b{n}"} for n in range(project.pop("branches", 1))]

    def __call__(self, asked: Asked) -> Reply:
        if asked.headers["authorization"] != f"Bearer {KEY}":
            return Reply(401, {"code": "", "message": "invalid API key"})
        path = asked.path.partition("?")[0]
        known = {
            "/projects": {"projects": [self.project]},
            "/projects/p-1": {"project": self.project},
            "/projects/p-1/branches": {"branches": self.branches},
        }
        return Reply(200, known[path]) if path in known else Reply(404, {"message": "not found"})


def checked(
    account: Account,
    database: dict[str, str] | None = DEPLOYED,
    key: str = KEY,
    **settings: Any,
) -> list[tuple[str, str, bool]]:
    chosen = Settings(**{"database_platform": "neon", **settings})
    with Web(account) as web:
        facts = neon.checks(chosen, database, Api(key, web.url))
    assert all(fact.remedy for fact in facts if fact.status == "failed")
    return [(fact.status, fact.details, fact.blocking) for fact in facts]


def test_other_platforms_are_not_asked() -> None:
    assert neon.checks(Settings(), None) == []
    assert neon.checks(Settings(), {"host": "127.0.0.1"}) == []


def test_all_is_well() -> None:
    assert [status for status, *_ in checked(Account())] == ["passed", "passed"]


def test_before_the_first_deployment_only_the_key_can_be_seen() -> None:
    assert checked(Account(), None)[0][1].startswith("Neon takes the key; the project is made")


def test_a_missing_key_is_a_blocker_with_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEON_API_KEY", raising=False)

    fact, _history = neon.checks(Settings(database_platform="neon"), None)

    assert (fact.status, fact.blocking) == ("failed", True)
    assert fact.details == "NEON_API_KEY is not set"
    assert "Set NEON_API_KEY" in fact.remedy


def test_a_refused_key_is_a_blocker_and_is_not_shown() -> None:
    status, details, blocking = checked(Account(), key="napi_other_sentinel")[0]

    assert (status, blocking) == ("failed", True)
    assert "401 invalid API key" in details
    assert "sentinel" not in details


def test_an_api_that_is_not_there_is_a_blocker() -> None:
    api = Api(KEY, "http://127.0.0.1:1", sleep=lambda _seconds: None)

    fact, _history = neon.checks(Settings(database_platform="neon"), None, api)

    assert (fact.status, fact.blocking) == ("failed", True)
    assert "http://127.0.0.1:1 cannot be reached" in fact.details


def test_a_project_that_is_gone_is_a_blocker() -> None:
    status, details, blocking = checked(Account(), {**DEPLOYED, "neon_project": "p-2"})[0]

    assert (status, blocking) == ("failed", True)
    assert "p-2 is not there" in details


@pytest.mark.parametrize(
    ("platform", "database"),
    [("neon", {"host": "127.0.0.1"}), ("local", DEPLOYED)],
    ids=["to neon", "away from neon"],
)
def test_another_platform_does_not_leave_the_data_behind(
    platform: str, database: dict[str, str]
) -> None:
    (found,) = checked(Account(), database, database_platform=platform)

    assert found[0] == "failed"
    assert "would be lost" in found[1]
    assert found[2]


@pytest.mark.parametrize(
    ("policy", "seconds", "status"),
    [
        ("strict", 86_399, "failed"),
        ("strict", 86_400, "passed"),
        ("balanced", 21_599, "failed"),
        ("balanced", 21_600, "passed"),
        ("permissive", 0, "passed"),
    ],
)
def test_history_that_is_shorter_than_the_policy_promises_is_a_blocker(
    policy: str, seconds: int, status: str
) -> None:
    found = checked(
        Account(), None, database_policy=policy, neon_history_retention_seconds=seconds
    )[1]

    assert (found[0], found[2]) == (status, True)


def test_history_that_somebody_shortened_in_the_console_is_noted() -> None:
    status, details, blocking = checked(Account(history_retention_seconds=60))[0]

    assert (status, blocking) == ("failed", False)
    assert details == "the project keeps 60 s of history, the policy promises 21600 s"


def test_a_used_up_quota_is_a_blocker() -> None:
    used = {"settings": {"quota": {"compute_time_seconds": 10}}, "compute_time_seconds": 10}

    status, details, blocking = checked(Account(**used))[0]

    assert (status, blocking) == ("failed", True)
    assert "has used up compute_time_seconds" in details


def test_too_few_branches_for_a_migration_are_noted() -> None:
    account = Account(branches=9, owner={"branches_limit": 10})

    status, details, blocking = checked(account)[0]

    assert (status, blocking) == ("failed", False)
    assert "9 of 10 branches; a migration needs 2" in details
