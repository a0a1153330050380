"""Commands that need no engine: what they print, and what they refuse."""

import json

import pytest

from automation.commands.destroy import destroy
from automation.commands.freeze import freeze
from automation.commands.output import Output
from automation.commands.plan_text import lines as plan_lines
from automation.commands.report import report
from automation.commands.rollback import rollback
from automation.commands.status_text import lines as status_lines
from automation.errors import Blocked, EngineFailed, InvalidInput
from components.contract.outputs import HOME_VARIABLE


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    return tmp_path


def written(home, name: str = "20260304-050607-abcd") -> None:
    folder = home / "staging" / "deployments" / name
    folder.mkdir(parents=True)
    (folder / "report.json").write_text('{"deployment_report": {}}')
    (folder / "report.yaml").write_text("deployment_report: {}\n")
    (home / "staging" / "latest").write_text(name)


def test_the_latest_report_is_printed_as_it_was_written(home, capsys):
    written(home)

    assert report("staging", None, False) == 0
    assert capsys.readouterr().out == "deployment_report: {}\n"
    assert report("staging", None, True) == 0
    assert json.loads(capsys.readouterr().out) == {"deployment_report": {}}


def test_a_report_that_is_not_there_names_those_that_are(home):
    with pytest.raises(Blocked, match="nothing was ever deployed to staging"):
        report("staging", None, False)

    written(home)
    with pytest.raises(Blocked, match="there is no report of d-9") as refused:
        report("staging", "d-9", False)
    assert "20260304-050607-abcd" in refused.value.hint


@pytest.mark.parametrize("command", [lambda: report("stagin", None, False)])
def test_an_unknown_environment_is_refused_with_the_nearest_name(command):
    with pytest.raises(InvalidInput) as refused:
        command()

    assert refused.value.hint == "did you mean staging?"


def test_a_rollback_to_a_release_without_a_name_is_refused(home):
    with pytest.raises(InvalidInput, match="--to is empty"):
        rollback("staging", " ", None, False, (), True, False)

    assert list(home.iterdir()) == []


def test_an_error_that_ends_a_command_says_no_secret():
    out = Output(as_json=False)
    out.redactor.register_all(["sentinel-9f1c7e-secret"])

    with pytest.raises(EngineFailed) as failed, out.redacted_errors():
        raise EngineFailed("no", details=("cannot connect with sentinel-9f1c7e-secret",))

    assert failed.value.details == ("cannot connect with REDACTED",)


@pytest.mark.parametrize("name", [None, "prod", "staging"])
def test_production_is_destroyed_only_by_name(home, name):
    with pytest.raises(Blocked, match="production is protected"):
        destroy("production", True, name, False)

    assert list(home.iterdir()) == []


def test_what_is_printed_is_redacted(capsys):
    for as_json in (False, True):
        out = Output(as_json)
        out.redactor.register("sentinel-42")
        out.text("it is sentinel-42")
        out.data({"sentinel-42": ["sentinel-42"]})

    printed = capsys.readouterr().out
    assert "sentinel" not in printed
    assert printed.count("REDACTED") == 6


LIVE = {
    "environment": "staging",
    "release": "1.0.0-aaaa",
    "url": "https://tiny.localhost:8443",
    "healthy": True,
    "services": {
        "backend": {
            "blue": {"release": "1.0.0-aaaa", "weight": 100, "replicas": 2, "ready": 1},
        }
    },
    "deploying": None,
    "left_at_work": None,
    "frozen": None,
    "unfinished": None,
    "contracting": [],
    "way_back": "0.9.0-bbbb",
}


def test_the_status_says_what_is_live_and_how_to_get_back():
    text = "\n".join(status_lines(LIVE))

    assert "staging: 1.0.0-aaaa, healthy" in text
    assert "100 %  1.0.0-aaaa  1 of 2 ready" in text
    assert "./slipway rollback staging  → 0.9.0-bbbb" in text


def test_the_status_says_what_drifted_where_it_was_asked():
    drift = [{"operation": "update", "urn": "urn:pulumi:d::slipway::aws:ec2/vpc:Vpc::app-net"}]

    assert "drift" not in "\n".join(status_lines(LIVE))
    assert "  drift: update app-net" in status_lines({**LIVE, "drift": drift})
    assert "  drift: none" in status_lines({**LIVE, "drift": []})


def test_the_status_never_calls_healthy_what_does_not_answer():
    assert "NOT HEALTHY" in "\n".join(status_lines({**LIVE, "healthy": False}))


LEFT = {
    "deployment": "d-1",
    "owner": "grace@shop",
    "step": 2,
    "steps": 3,
    "target": "1.1.0-cccc",
    "next": "`./slipway up staging` goes back to 1.0.0-aaaa first",
}


def test_the_status_says_whose_rollout_was_left_unfinished_and_what_is_next():
    text = "\n".join(status_lines({**LIVE, "unfinished": LEFT}))

    assert "unfinished: d-1 by grace@shop stopped at step 2 of 3 of the way to 1.1.0-cccc" in text
    assert "next: `./slipway up staging` goes back to 1.0.0-aaaa first" in text


def test_the_status_does_not_call_unfinished_what_is_under_way():
    text = "\n".join(status_lines({**LIVE, "unfinished": LEFT, "deploying": "ada@host"}))

    assert "deploying now: ada@host, step 2 of 3" in text
    assert "unfinished" not in text


def test_the_status_says_that_an_update_was_left_at_work_and_that_it_is_frozen():
    text = "\n".join(
        status_lines({**LIVE, "left_at_work": 42, "frozen": "the sale (grace, since Monday)"})
    )

    assert "its driver left is still at work (process 42)" in text
    assert "frozen: the sale (grace, since Monday)" in text


def test_the_status_says_that_a_contraction_is_outstanding_and_what_applies_it():
    left = {**LIVE, "contracting": ["0003", "0004"]}

    told = "contracting revisions outstanding: 0003, 0004; the next ./slipway up staging applies"
    assert told in "\n".join(status_lines(left))
    assert "outstanding" not in "\n".join(status_lines({**left, "deploying": "ada@host"}))


def test_a_freeze_wants_a_message():
    with pytest.raises(InvalidInput, match="without a message"):
        freeze("staging", " ", yes=False, as_json=False)


def test_freezing_an_unknown_environment_is_refused():
    with pytest.raises(InvalidInput):
        freeze("stagin", "the sale", yes=False, as_json=False)


def test_nothing_live_is_said_to_be_nothing():
    nothing = {**LIVE, "release": None, "services": {}, "way_back": None}

    assert status_lines(nothing) == ["Nothing is live in staging."]


def test_a_plan_says_the_steps_the_migrations_and_the_resources():
    urn = (
        "urn:pulumi:staging::slipway::a$slipway:index:Backend$dynamic/local:Process::backend-green"
    )
    found = {
        "environment": "staging",
        "live": None,
        "release": "1.0.0-aaaa",
        "unchanged": False,
        "strategy": "blue_green",
        "steps": ["start", "switch"],
        "migrations": ["0002"],
        "contracting": ["0003"],
        "resources": [{"operation": "create", "urn": urn}],
        "changes": {"create": 1, "same": 4},
    }

    text = "\n".join(plan_lines(found))

    assert "staging: nothing → 1.0.0-aaaa, blue_green" in text
    assert "  1. start\n  2. switch\n  migration 0002\n  migration 0003, when" in text
    assert "create  local:Process backend-green" in text
    assert "resources: 1 create, 4 same" in text
    live = {**found, "unchanged": True}
    assert "only its contraction is left" in "\n".join(plan_lines(live))
    assert "nothing to deploy" in "\n".join(plan_lines({**live, "contracting": []}))
