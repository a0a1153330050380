"""The entrance to a project's deployments, against the API's fake."""

from collections.abc import Iterator
from typing import Any

import pytest
from pulumi.runtime import rpc

from clients.vercel.errors import Unanswered
from components.dynamic.vercel_access import NOTE, AccessProvider
from tests.doubles.vercel.fake import FakeVercel


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeVercel]:
    with FakeVercel(others=lambda: {"prj_1": "shop", "prj_2": "other"}) as fake:
        monkeypatch.setenv("VERCEL_API_TOKEN", fake.token)
        monkeypatch.setenv("VERCEL_API_URL", fake.url)
        yield fake


def inputs(**changes: Any) -> dict[str, Any]:
    return {"project": "prj_1", "team": "", "secret": None, **changes}


def made() -> tuple[str, dict[str, Any]]:
    result = AccessProvider().create(inputs())
    assert result.id is not None
    assert result.outs is not None
    return result.id, result.outs


def accepted(fake: FakeVercel) -> set[str]:
    return set(fake.service.project("shop").passes)


def test_a_secret_is_let_in_and_its_id_does_not_tell_it(fake: FakeVercel) -> None:
    id_, outs = made()

    assert accepted(fake) == {outs["secret"]}
    assert (id_, len(outs["secret"])) == (f"prj_1/{NOTE}", 32)


def test_a_secret_whose_answer_was_lost_is_found_and_not_made_twice(fake: FakeVercel) -> None:
    fake.fail("PATCH", "protection-bypass", status=0, times=4, after=True)
    with pytest.raises(Unanswered):
        made()

    _, outs = made()

    assert accepted(fake) == {outs["secret"]}


@pytest.mark.parametrize(
    ("changed", "replaces"),
    [
        ({}, []),
        ({"project": "prj_2"}, ["project"]),
        ({"team": "acme"}, ["team"]),
        ({"project": rpc.UNKNOWN}, []),
    ],
)
def test_another_project_has_another_entrance(
    fake: FakeVercel, changed: dict[str, Any], replaces: list[str]
) -> None:
    id_, outs = made()

    found = AccessProvider().diff(id_, outs, inputs(**changed))

    assert (found.changes, found.replaces) == (bool(changed), replaces)


def test_a_secret_that_somebody_revoked_is_made_anew(fake: FakeVercel) -> None:
    id_, outs = made()
    assert AccessProvider().read(id_, outs).id == id_

    fake.service.project("shop").passes.clear()

    assert AccessProvider().read(id_, outs).id == ""


def test_it_is_shut_out_at_the_end_also_where_its_project_is_gone(fake: FakeVercel) -> None:
    id_, outs = made()
    AccessProvider().delete(id_, outs)
    assert accepted(fake) == set()

    AccessProvider().delete("prj_3/slipway", {**outs, "project": "prj_3"})
