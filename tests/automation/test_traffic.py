import json
from pathlib import Path

import pytest

from automation import traffic
from components.contract import outputs
from tests.doubles.clock import FakeClock
from tests.doubles.web import Asked, Reply, Web

READY = {"version_info": "v2", "resources": []}


def found(folder: Path, url: str) -> dict[str, object]:
    (folder / "standby.json").write_text(json.dumps(READY))
    (folder / "routes.json").write_text(json.dumps({"version_info": "v1", "resources": []}))
    return {
        outputs.EDGE_TABLE: str(folder / "routes.json"),
        outputs.EDGE_STANDBY: str(folder / "standby.json"),
        outputs.EDGE_STATISTICS_URL: url,
    }


def told(*versions: str) -> Reply:
    lines = [f'http.{n}.rds.routes.version_text: "{v}"' for n, v in enumerate(versions)]
    return Reply(body="\n".join(lines) + "\n")


def test_it_waits_until_every_listener_uses_the_table(tmp_path):
    answers = iter([told("v1", "v1"), told("v2", "v1"), told("v2", "v2")])
    clock = FakeClock()

    with Web(lambda _asked: next(answers)) as envoy:
        assert traffic.divert(found(tmp_path, envoy.url), clock)

    assert len(clock.slept) == 2
    assert json.loads((tmp_path / "routes.json").read_text()) == READY
    assert json.loads((tmp_path / "standby.json").read_text()) == READY, "it can be done again"


@pytest.mark.parametrize(
    "reply",
    [told("v1"), told("v2", "v1"), Reply(500), Reply(body="something else"), None],
    ids=["not applied", "by one of two", "an error", "no statistics", "no answer"],
)
def test_what_was_not_seen_within_a_second_is_not_claimed(tmp_path, reply):
    def answer(_asked: Asked) -> Reply | None:
        return reply

    clock = FakeClock()
    with Web(answer) as envoy:
        assert not traffic.divert(found(tmp_path, envoy.url), clock)

    assert sum(clock.slept) == pytest.approx(traffic.APPLIED_SECONDS)


def test_who_comes_after_sees_that_the_traffic_was_given_back(tmp_path):
    with Web(lambda _asked: told("v2", "v2")) as envoy:
        known = found(tmp_path, envoy.url)
        assert not traffic.diverted(known)
        traffic.divert(known, FakeClock())

    assert traffic.diverted(known)
    (tmp_path / "standby.json").unlink()
    assert not traffic.diverted(known)
    assert not traffic.diverted({})


@pytest.mark.parametrize("standby", [None, "", "{", "[]", '{"resources": []}'])
def test_without_a_usable_table_nothing_is_touched(tmp_path, standby):
    known = found(tmp_path, "http://127.0.0.1:1")
    if standby is None:
        (tmp_path / "standby.json").unlink()
    else:
        (tmp_path / "standby.json").write_text(standby)
    before = (tmp_path / "routes.json").read_text()

    assert not traffic.divert(known, FakeClock())
    assert (tmp_path / "routes.json").read_text() == before


@pytest.mark.parametrize("missing", [outputs.EDGE_TABLE, outputs.EDGE_STANDBY])
def test_a_platform_without_such_a_way_is_left_alone(tmp_path, missing):
    known = found(tmp_path, "http://127.0.0.1:1")

    assert not traffic.divert({**known, missing: None}, FakeClock())
    assert not traffic.divert({}, FakeClock())
