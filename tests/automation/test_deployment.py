"""A deployment as a whole: every way in which it can end, and what it leaves behind."""

import json
import signal
import tempfile
from pathlib import Path

import pytest

from automation.context import Context
from automation.errors import (
    Blocked,
    BuildFailed,
    DeploymentFailed,
    EngineFailed,
    Interrupted,
    RolledBack,
    SlipwayError,
)
from automation.home import Home
from automation.migrations import journal
from automation.migrations.journal import Journal
from automation.migrations.returning import Before
from automation.redaction import Redactor
from automation.reports.assembly import build_report
from automation.reports.nulls import unexplained
from components.contract.desired import DesiredState, Freeze, Rollout, Slots
from components.contract.outputs import EDGE_STANDBY, EDGE_TABLE
from components.contract.release import SERVICES
from tests.doubles.certificates import Authority
from tests.doubles.deployed import FakeEngine
from tests.doubles.installation import Installation, SharedArtifacts, tiny
from tests.doubles.listener import Heard

SENTINEL = "sentinel-9f1c7e-secret"


@pytest.fixture(scope="module")
def first():
    """The artifacts that tests share, an authority, and the state after a first deployment."""
    with tempfile.TemporaryDirectory(prefix="slipway-") as path:
        folder = Path(path)
        home = Home(folder / "home")
        home.root.mkdir()
        authority = Authority(folder, "127.0.0.1").ca
        with FakeEngine(authority=authority) as engine:
            installation = Installation(home, tiny(folder), engine)
            assert installation.deploy(installation.open()) == "deployed"
            yield home, authority, engine.state()


@pytest.fixture
def installation(first, tmp_path):
    home, authority, _ = first
    with FakeEngine(authority=authority, secrets={"SECRET_KEY": SENTINEL}) as engine:
        own = SharedArtifacts(tmp_path / "home", home.artifacts)
        own.root.mkdir()
        yield Installation(own, tiny(tmp_path), engine)


@pytest.fixture
def live(installation, first):
    """The id of a release that serves, and a change to deploy after it."""
    _, _, state = first
    installation.engine.live, installation.engine.created = state, True
    next(installation.deployments)
    installation.change()
    return state.live_release().id


def report_of(context: Context) -> dict:
    """The report as it was written, having seen that every null in it has its reason."""
    assert unexplained(build_report(context.facts)) == []
    return json.loads((context.folder / "report.json").read_text())["deployment_report"]


def shares(engine: FakeEngine, *, but: str) -> list[int]:
    """The weights that slots of other releases than one had, in all states that became real."""
    states = [state.service(name) for state in engine.states for name in SERVICES]
    slots = [slot for held in states for slot in (held.blue, held.green)]
    return [slot.weight for slot in slots if slot.release not in (None, but)]


def serving(engine: FakeEngine) -> str | None:
    release = engine.state().live_release()
    return release.id if release else None


def ended(installation: Installation, kind: type[SlipwayError], heard: Heard | None = None):
    """Deploy, see it end with exactly this error, and return it and the context."""
    context = installation.open(heard)
    with pytest.raises(SlipwayError) as caught:
        installation.deploy(context)
    assert type(caught.value) is kind, caught.value
    return caught.value, context


def test_a_first_deployment_ends_deployed_and_serves_what_was_built(installation):
    heard = Heard()
    context = installation.open(heard)

    assert installation.deploy(context) == "deployed"

    assert serving(installation.engine) == context.target().id
    assert {status for _, status, _ in heard.finished_steps} == {"passed", "skipped"}
    state = installation.engine.state()
    assert state.rollout is None
    assert [(r.id, r.outcome) for r in state.history] == [("d-1", "deployed")]
    assert report_of(context)["rollback"]["executed"] is False
    assert context.facts.live.serving


def test_every_state_of_a_rollout_says_how_to_get_back(installation, live):
    context = installation.open()
    installation.deploy(context)

    *under_way, last = installation.engine.states
    assert last.rollout is None
    for state in under_way:
        assert state.rollout.back_to == live
        assert state.rollout.back_to_slots["backend"] == context.live.backend
        assert state.rollout.back_to_slots["frontend"] == context.live.frontend


def test_the_same_sources_again_end_unchanged_and_nothing_is_rebuilt(installation):
    installation.deploy(installation.open())
    before = installation.engine.state()
    context = installation.open()

    assert installation.deploy(context) == "unchanged"

    assert all(result.reused for result in context.builds.values())
    assert installation.engine.state() == before
    assert context.facts.live.serving
    report_of(context)


def test_an_interrupt_while_nothing_new_is_declared_does_not_call_what_is_live_rolled_back(
    installation,
):
    installation.deploy(installation.open())
    before = installation.engine.state()
    installation.engine.after = lambda _n: signal.raise_signal(signal.SIGINT)

    error, _ = ended(installation, Interrupted)

    assert "before this deployment changed anything" in error.message
    assert installation.engine.state() == before


def test_a_release_is_measured_by_the_last_one_that_served_not_by_one_that_was_rolled_back(
    installation, live
):
    state = installation.engine.state()
    good = state.history[-1]
    bad = good.model_copy(
        update={"id": "d-bad", "outcome": "rolled_back", "performance": {"p95_ms": 9999.0}}
    )
    installation.engine.live = state.model_copy(update={"history": (*state.history, bad)})
    context = installation.open()

    installation.deploy(context)

    assert good.performance
    assert context.facts.performance.baseline == good.performance


def test_a_release_that_is_live_but_does_not_serve_is_not_called_unchanged(installation):
    installation.deploy(installation.open())
    installation.engine.broken = lambda _release: True

    error, context = ended(installation, DeploymentFailed)

    assert "500" in error.message
    assert context.facts.outcome == "failed"
    report_of(context)


def test_a_blocked_deployment_never_touches_the_engine(installation):
    document = installation.application / "specs" / "deployment" / "tiny.md"
    document.write_text(
        document.read_text().replace(
            "  variables:\n", "  required_variables: [MAPS_KEY]\n  variables:\n"
        )
    )

    error, context = ended(installation, Blocked)

    assert "missing variables: MAPS_KEY" in " ".join(error.details)
    assert installation.engine.states == installation.engine.previewed == []
    assert context.facts.outcome == "blocked"
    report_of(context)


def test_a_failed_build_ends_aborted_with_the_end_of_its_log_and_nothing_touched(
    installation, live
):
    document = installation.application / "specs" / "deployment" / "tiny.md"
    document.write_text(
        document.read_text().replace('install: "true"', "install: echo no such planet; false")
    )

    error, context = ended(installation, BuildFailed)

    assert "no such planet" in "\n".join(error.details)
    assert installation.engine.states == []
    assert serving(installation.engine) == live
    assert context.facts.outcome == "aborted"
    report_of(context)


def test_a_gate_that_fails_leads_back_to_the_old_release_which_is_verified(installation, live):
    installation.engine.sick = lambda release: release != live
    heard = Heard()

    error, context = ended(installation, RolledBack, heard)

    assert "0 of 1 replicas became ready" in error.message
    assert f"{live} serves again and was verified" in error.message
    assert serving(installation.engine) == live
    assert installation.engine.state().backend == context.live.backend
    assert heard.status_of("undo") == "passed"
    assert [r.outcome for r in installation.engine.state().history] == ["deployed", "rolled_back"]
    assert context.facts.live.release == live
    report = report_of(context)
    assert report["rollback"]["rollback_status"] == "success"


def test_a_release_that_answers_with_errors_gets_no_traffic(installation, live):
    installation.engine.broken = lambda release: release != live

    _, context = ended(installation, RolledBack)

    assert all(state.live_release().id == live for state in installation.engine.states)
    assert set(shares(installation.engine, but=live)) == {0}
    report_of(context)


def test_a_smoke_flow_that_fails_on_the_idle_release_leads_back_before_it_has_traffic(
    installation, live
):
    installation.engine.greeting = "good bye"

    error, context = ended(installation, RolledBack)

    assert "smoke test of what has no traffic yet" in error.message
    assert all(state.live_release().id == live for state in installation.engine.states)
    assert set(shares(installation.engine, but=live)) == {0}
    assert [fact.gate for fact in context.facts.gates if fact.verdict == "fail"] == ["smoke"]


def test_a_smoke_flow_that_fails_leads_back_after_the_rollout(installation, live):
    def before(number: int) -> None:
        if number > 1:
            installation.engine.greeting = "good bye"

    installation.engine.before = before
    document = installation.application / "specs" / "deployment" / "tiny.md"
    document.write_text(
        document.read_text().replace(
            "category: integration", "category: integration\n    severity: high"
        )
    )

    error, context = ended(installation, RolledBack)

    assert "smoke test" in error.message
    assert serving(installation.engine) == live
    report_of(context)


@pytest.mark.parametrize("late", [False, True], ids=["never ready", "with all traffic"])
def test_where_two_releases_must_not_run_at_once_they_do_not_on_the_way_back_either(
    installation, live, late
):
    engine = installation.engine
    installation.settings["strategy"] = "recreate"
    if late:
        engine.greeting = "good bye"
        document = installation.application / "specs" / "deployment" / "tiny.md"
        text = "category: integration"
        document.write_text(document.read_text().replace(text, f"{text}\n    severity: high"))
    else:
        engine.sick = lambda release: release != live

    ended(installation, RolledBack)

    assert any(live not in running(state) and running(state) for state in engine.states)
    assert all(len(running(state)) <= 1 for state in engine.states)
    assert running(engine.state()) == {live}


def running(state: DesiredState) -> set[str]:
    """The releases that have replicas."""
    slots = [s for each in (state.backend, state.frontend) for s in (each.blue, each.green)]
    return {slot.release for slot in slots if slot.replicas}


def test_a_first_release_that_fails_leaves_nothing_live(installation):
    installation.engine.sick = lambda _release: True

    error, context = ended(installation, DeploymentFailed)

    assert "nothing is live, as before" in error.message
    assert serving(installation.engine) is None
    assert installation.engine.state().backend == Slots()
    assert context.facts.outcome == "failed"
    assert [issue.resolution for issue in context.facts.issues] == ["nothing is live, as before"]
    report_of(context)


def failing(*numbers: int, what: str = "no room left"):
    """A change that fails: the engine's error at the numbered ones."""

    def before(number: int) -> None:
        if number in numbers:
            raise EngineFailed("the engine did not succeed", details=(f"{what} ({number})",))

    return before


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_change_that_the_engine_refuses_is_undone(installation, live, number):
    installation.engine.before = failing(number)

    error, context = ended(installation, RolledBack)

    assert f"no room left ({number})" in error.details
    assert serving(installation.engine) == live
    assert installation.engine.state().rollout is None
    report_of(context)


BACK_FIRST = "the old release gets its replicas back before its traffic"


def test_replicas_that_a_broken_off_update_has_stopped_run_before_they_get_traffic(
    installation, live
):
    engine = installation.engine
    installation.settings["strategy"] = "rolling"

    def stopped_and_broken_off(number: int) -> None:
        if not broken and any("0 replicas of" in text for _, text in heard.lines):
            broken.append(number)
            engine.sick = lambda release: release == live
            raise EngineFailed("the engine was killed")

    def runs(_number: int) -> None:
        engine.sick = lambda _release: False

    heard = Heard()
    broken: list[int] = []
    engine.before, engine.after = stopped_and_broken_off, runs

    _, context = ended(installation, RolledBack, heard)

    before, capacity, traffic, *_ = engine.states[broken[0] - 2 :]
    assert (capacity.backend, capacity.frontend) == (before.backend, before.frontend)
    assert capacity.live_release().id != live == traffic.live_release().id
    report_of(context)
    assert context.facts.rollback.steps[0].description == BACK_FIRST


def test_a_way_back_that_fails_as_well_names_both_errors(installation, live):
    installation.engine.before = failing(2, 3)

    error, context = ended(installation, DeploymentFailed)

    assert "going back failed as well" in error.message
    assert error.details == ("no room left (2)", "no room left (3)")
    assert [issue.category for issue in context.facts.issues] == ["deployment", "rollback"]
    assert not any(issue.resolved for issue in context.facts.issues)
    assert context.facts.rollback.status == "failed"
    report_of(context)


def test_a_defect_of_ours_on_the_way_back_is_told_beside_what_led_there(installation, live):
    def before(number: int) -> None:
        if number == 2:
            raise EngineFailed("the engine did not succeed")
        if number == 3:
            raise ZeroDivisionError(f"while holding {SENTINEL}")

    installation.engine.before = before

    error, context = ended(installation, DeploymentFailed)

    assert "the engine did not succeed; going back failed as well: unexpected" in error.message
    assert SENTINEL not in error.message
    assert SENTINEL not in (context.folder / "traceback.txt").read_text()
    assert context.facts.rollback.status == "failed"
    report_of(context)


def test_an_old_release_that_does_not_come_back_well_is_not_called_rolled_back(installation, live):
    installation.engine.sick = lambda _release: True

    error, context = ended(installation, DeploymentFailed)

    assert "going back failed as well" in error.message
    assert context.facts.outcome == "failed"
    report_of(context)


def test_where_rolling_back_is_switched_off_it_stops_and_says_so(installation, live):
    installation.engine.sick = lambda release: release != live
    installation.settings["rollback_enabled"] = False

    error, context = ended(installation, DeploymentFailed)

    assert "rolling back is switched off" in error.message
    assert "rollback development" in error.hint
    assert installation.engine.state().rollout is not None
    report_of(context)


BEFORE = ("validate", "build", "configure", "plan", "provision")
MIDDLE = ("migrate", "roll_out", "verify", "smoke_test", "secure")
COMPLETE = ("document", "watch")


def interrupted_at(wanted: str, number: int = signal.SIGINT) -> Heard:
    """A listener that sends a signal to this process when a step begins."""
    return Heard(lambda step: signal.raise_signal(number) if step == wanted else None)


@pytest.mark.parametrize("step", BEFORE)
def test_an_interrupt_before_the_first_change_touches_nothing(installation, live, step):
    error, context = ended(installation, Interrupted, interrupted_at(step))

    assert error.exit_code == 130
    assert installation.engine.states == []
    assert serving(installation.engine) == live
    assert context.facts.step(step).status == "interrupted"
    report_of(context)


@pytest.mark.parametrize("step", MIDDLE)
def test_an_interrupt_after_the_first_change_leads_back(installation, live, step):
    error, context = ended(installation, Interrupted, interrupted_at(step, signal.SIGTERM))

    assert error.exit_code == 130
    assert f"{live} serves again and was verified" in error.message
    assert serving(installation.engine) == live
    assert installation.engine.state().rollout is None
    assert context.facts.outcome == "interrupted"
    report_of(context)


@pytest.mark.parametrize("step", COMPLETE)
def test_an_interrupt_after_the_deployment_is_on_record_undoes_nothing(installation, live, step):
    error, context = ended(installation, Interrupted, interrupted_at(step))

    assert "after the deployment was complete" in error.message
    assert serving(installation.engine) == context.target().id != live
    report_of(context)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_interrupt_during_a_change_waits_for_its_end_and_then_leads_back(
    installation, live, number
):
    engine = installation.engine
    engine.before = lambda n: signal.raise_signal(signal.SIGINT) if n == number else None

    _, context = ended(installation, Interrupted)

    assert len(engine.messages) > number  # the change was completed, and nothing but undone after
    assert all("back to what was live" in message for message in engine.messages[number:])
    assert serving(engine) == live
    assert engine.state().rollout is None
    report_of(context)


def test_an_interrupt_of_a_first_deployment_leaves_nothing_live(installation):
    error, context = ended(installation, Interrupted, interrupted_at("verify"))

    assert "nothing is live, as before" in error.message
    assert serving(installation.engine) is None
    report_of(context)


def test_a_second_interrupt_stops_at_once_and_leaves_what_the_next_command_undoes(
    installation, live
):
    def at(step: str) -> None:
        if step in ("verify", "undo"):
            signal.raise_signal(signal.SIGINT)

    context = installation.open(Heard(at))
    context.interruption.stop = stopped
    with pytest.raises(Stopped):
        installation.deploy(context)
    assert installation.engine.state().rollout.back_to == live

    assert installation.deploy(installation.open()) == "deployed"

    outcomes = [(r.id, r.outcome) for r in installation.engine.state().history]
    assert outcomes[-2:] == [(context.deployment, "rolled_back"), ("d-3", "deployed")]


class Stopped(BaseException):
    """The process would be gone now."""


def stopped() -> None:
    raise Stopped


class InterruptedWriting(Redactor):
    """Sends a signal to this process when a report is about to be written."""

    sent = False

    def data(self, data):
        if not self.sent:
            self.sent = True
            signal.raise_signal(signal.SIGINT)
        return super().data(data)


def test_an_interrupt_while_the_report_is_written_does_not_lose_it(installation, live):
    installation.redactor = InterruptedWriting()
    context = installation.open()

    assert installation.deploy(context) == "deployed"

    assert report_of(context)["overall_status"]["outcome"] == "deployed"


def test_a_defect_of_ours_is_undone_and_told_without_its_traceback(installation, live):
    def before(number: int) -> None:
        if number == 2:
            raise ZeroDivisionError(f"while holding {SENTINEL}")

    installation.engine.before = before

    error, context = ended(installation, RolledBack)

    assert "unexpected: ZeroDivisionError" in error.message
    assert "Traceback" not in f"{error} {error.details} {error.hint}"
    trace = (context.folder / "traceback.txt").read_text()
    assert "ZeroDivisionError" in trace
    assert SENTINEL not in trace
    assert serving(installation.engine) == live
    report_of(context)


def test_a_defect_is_undone_where_nothing_can_be_written_of_it(installation, live):
    context = installation.open()
    away = context.folder.with_name("away")

    def before(number: int) -> None:
        if number == 2:
            context.folder.rename(away)
            context.folder.touch()
            raise ZeroDivisionError

    def at(step: str) -> None:
        if step == "undo":  # there is room again
            context.folder.unlink()
            away.rename(context.folder)

    installation.engine.before = before
    context.events.listeners.append(Heard(at))

    with pytest.raises(RolledBack, match="unexpected: ZeroDivisionError"):
        installation.deploy(context)

    assert not (context.folder / "traceback.txt").exists()
    assert serving(installation.engine) == live


def test_a_defect_before_anything_was_touched_says_where_its_traceback_is(installation):
    def at(step: str) -> None:
        if step == "build":
            raise ZeroDivisionError

    error, context = ended(installation, DeploymentFailed, Heard(at))

    assert str(context.folder / "traceback.txt") in error.hint
    report_of(context)


def unfinished(installation: Installation) -> None:
    """Leave the environment as a driver that was killed in the middle of a rollout does."""
    state = installation.engine.state()
    rollout = Rollout(
        deployment="d-killed",
        strategy="blue_green",
        step=2,
        steps=3,
        target="1.0.0-gone",
        back_to=state.live_release().id,
        back_to_slots={"backend": state.backend, "frontend": state.frontend},
        owner="grace@elsewhere",
    )
    gone = state.live_release().model_copy(update={"id": "1.0.0-gone"})
    slot = state.backend.slot("blue").model_copy(update={"release": gone.id})
    idle = state.backend.idle()
    backend = state.backend.with_slot(idle, slot.model_copy(update={"replicas": 1, "weight": 0}))
    installation.engine.live = state.model_copy(
        update={
            "releases": {**state.releases, gone.id: gone},
            "backend": backend.with_weights(**{idle: 100}),
            "rollout": rollout,
        }
    )


def test_an_unfinished_rollout_is_undone_first(installation, live):
    before = installation.engine.state()
    unfinished(installation)
    heard = Heard()
    context = installation.open(heard)

    assert installation.deploy(context) == "deployed"

    first = installation.engine.states[0]
    assert first.backend.live() == before.backend.live()
    undone = next(state for state in installation.engine.states if state.rollout is None)
    assert (undone.backend, undone.frontend) == (before.backend, before.frontend)
    assert "d-killed by grace@elsewhere was left unfinished" in " ".join(heard.notes)
    assert context.facts.previous.id == live
    report_of(context)


def test_an_unfinished_rollout_that_cannot_be_undone_stays_on_record(installation, live):
    unfinished(installation)
    installation.engine.before = failing(1)

    error, context = ended(installation, EngineFailed)

    assert error.details == ("no room left (1)",)
    assert installation.engine.state().rollout.deployment == "d-killed"
    report_of(context)


def test_an_interrupt_while_an_unfinished_rollout_is_undone_is_no_defect(installation, live):
    unfinished(installation)
    installation.engine.after = lambda _n: signal.raise_signal(signal.SIGINT)

    _, context = ended(installation, Interrupted)

    assert serving(installation.engine) == live
    report_of(context)


def test_what_is_live_and_cannot_be_brought_back_is_no_defect(installation, live):
    names = ("user", "password", "owner", "owner_password", "admin", "admin_password")
    nobody = {"host": "127.0.0.1", "port": "1", "name": "tiny", **dict.fromkeys(names, "nobody")}
    installation.engine.database = nobody
    installation.engine.before = failing(1)

    error, context = ended(installation, EngineFailed)

    assert error.details == ("no room left (1)",)
    assert context.facts.rollback is None
    report_of(context)


def test_a_rollback_brings_the_release_before_back_without_building(installation, live):
    installation.deploy(installation.open())
    heard = Heard()
    context = installation.open(heard, action="rollback")

    assert installation.roll_back(context) == "deployed"

    assert serving(installation.engine) == live
    assert heard.status_of("build") == heard.status_of("configure") == "skipped"
    assert installation.engine.state().history[-1].action == "rollback"
    report_of(context)


def test_a_rollback_with_nothing_to_go_back_to_is_blocked(installation):
    installation.deploy(installation.open())
    before = installation.engine.state()
    context = installation.open(action="rollback")

    with pytest.raises(Blocked, match="is the only release"):
        installation.roll_back(context)

    assert installation.engine.state() == before
    report_of(context)


def test_a_rollback_to_artifacts_that_are_gone_is_blocked(installation, live):
    installation.deploy(installation.open())
    release = installation.engine.state().releases[live]
    moved = release.model_copy(
        update={"frontend": release.frontend.model_copy(update={"path": "/nowhere"})}
    )
    state = installation.engine.state()
    installation.engine.live = state.model_copy(
        update={"releases": {**state.releases, live: moved}}
    )
    context = installation.open(action="rollback")

    with pytest.raises(Blocked, match="are not kept any more: /nowhere"):
        installation.roll_back(context)
    report_of(context)


def test_a_secret_is_in_nothing_that_was_written_or_said(installation, live):
    installation.engine.before = failing(3, what=f"cannot connect with {SENTINEL}")
    refused, _ = ended(installation, RolledBack, Heard())
    installation.engine.before = lambda _number: None
    installation.engine.greeting = SENTINEL
    error, context = ended(installation, RolledBack, Heard())

    assert context.secrets == {"SECRET_KEY": SENTINEL}
    written = [path for path in installation.home.root.rglob("*") if path.is_file()]
    assert len(written) > 10
    assert [path for path in written if SENTINEL in path.read_text(errors="replace")] == []
    told = " ".join((refused.message, *refused.details, error.message, *error.details))
    assert "cannot connect with REDACTED" in told
    assert 'got "REDACTED"' in told
    assert SENTINEL not in told
    assert SENTINEL not in installation.engine.state().model_dump_json()
    assert SENTINEL not in repr(installation.open())


def killed_at(installation: Installation, number: int) -> Context:
    """Deploy, and die as soon as the engine has made the numbered change real."""

    def after(n: int) -> None:
        if n == number:
            raise Stopped

    context, engine = installation.open(), installation.engine
    engine.after, engine.ups = after, 0
    with pytest.raises(Stopped):
        installation.deploy(context)
    engine.after = lambda _number: None
    engine.states.clear()
    return context


@pytest.mark.parametrize("number", [1, 2, 3])
def test_by_policy_the_same_release_goes_on_where_it_was_left(installation, live, number):
    installation.settings["unfinished"] = "resume"
    killed = killed_at(installation, number)
    reached = installation.engine.state()
    heard = Heard()
    context = installation.open(heard)

    assert installation.deploy(context) == "deployed"

    assert context.target().id == killed.target().id == serving(installation.engine)
    assert context.live.live_release().id == live
    assert f"at step {reached.rollout.step} of" in " ".join(heard.notes)
    first, *_ = installation.engine.states
    assert (first.backend, first.frontend) == (reached.backend, reached.frontend)
    assert first.rollout.back_to == live
    assert all(
        state.rollout.step >= reached.rollout.step for state in installation.engine.states[:-1]
    )
    report_of(context)


def test_what_is_gone_on_with_and_fails_leads_back_to_what_was_live_at_first(installation, live):
    installation.settings["unfinished"] = "resume"
    killed_at(installation, 2)
    installation.engine.sick = lambda release: release != live

    _, context = ended(installation, RolledBack)

    assert serving(installation.engine) == live
    assert installation.engine.state().rollout is None
    report_of(context)


def changed(deployment: str, live: str) -> Journal:
    """What a finished migration has written down."""
    return Journal(
        deployment=deployment,
        phase="changed",
        before=Before("0001", "", ()),
        target="0002",
        maker="1.0.0-new",
        serving=live,
        tolerated=True,
        downgrade=True,
        lossy=False,
        backup="b-1",
    )


def test_what_is_gone_on_with_has_its_migration_to_take_back_as_well(installation, live):
    installation.settings["unfinished"] = "resume"
    killed = killed_at(installation, 2)
    folder = installation.home.environment("development")
    changed(killed.deployment, live).write(folder)
    context = installation.open()

    assert installation.deploy(context) == "deployed"

    note = journal.read(folder)
    assert note is not None and context.change is not None
    assert note.belongs_to(context.deployment) and note.belongs_to(killed.deployment)
    assert installation.engine.state().history[-1].backup == "b-1"


def test_a_migration_of_another_deployment_is_not_taken_over(installation, live):
    installation.settings["unfinished"] = "resume"
    killed_at(installation, 2)
    changed("d-earlier", live).write(installation.home.environment("development"))
    context = installation.open()

    assert installation.deploy(context) == "deployed"

    assert context.change is None
    assert installation.engine.state().history[-1].backup is None


def test_a_rollout_that_was_on_its_way_back_already_is_not_gone_on_with(
    installation, live, tmp_path
):
    installation.settings["unfinished"] = "resume"
    killed_at(installation, 2)
    heard = Heard()
    context = installation.open(heard)
    for name in (EDGE_TABLE, EDGE_STANDBY):
        context.outputs[name] = str(tmp_path / "the-way-back.json")
    (tmp_path / "the-way-back.json").write_text("{}")

    assert installation.deploy(context) == "deployed"

    assert f"going back to {live} first" in heard.notes


def test_by_policy_another_release_goes_back_first(installation, live):
    installation.settings["unfinished"] = "resume"
    killed = killed_at(installation, 2)
    installation.change("changed again")
    heard = Heard()

    assert installation.deploy(installation.open(heard)) == "deployed"

    assert f"going back to {live} first" in heard.notes
    history = installation.engine.state().history
    assert [(r.id, r.outcome) for r in history[-2:]] == [
        (killed.deployment, "rolled_back"),
        ("d-3", "deployed"),
    ]
    assert history[-2].deployer == "ada"
    assert "undone by d-3" in history[-2].reason


def test_by_policy_another_strategy_goes_back_first(installation, live):
    installation.settings["unfinished"] = "resume"
    killed_at(installation, 2)
    installation.settings["strategy"] = "recreate"
    heard = Heard()

    assert installation.deploy(installation.open(heard)) == "deployed"

    assert f"going back to {live} first" in heard.notes


def test_a_rollback_while_a_rollout_is_unfinished_undoes_it_and_nothing_more(installation, live):
    installation.deploy(installation.open())
    second = serving(installation.engine)
    installation.change("third")
    killed_at(installation, 3)
    context = installation.open(action="rollback")

    assert installation.roll_back(context) == "unchanged"

    assert serving(installation.engine) == second != live
    assert installation.engine.state().rollout is None
    report_of(context)


def test_a_rollback_while_the_first_rollout_is_unfinished_leaves_nothing_live(installation):
    killed_at(installation, 2)
    context = installation.open(action="rollback")

    assert installation.roll_back(context) == "unchanged"

    assert serving(installation.engine) is None
    assert installation.engine.state().rollout is None
    report_of(context)


def frozen(installation: Installation) -> Freeze:
    freeze = Freeze(message="the sale", by="grace@shop", since="2026-03-04T05:06:07+00:00")
    state = installation.engine.state()
    installation.engine.live = state.model_copy(update={"freeze": freeze})
    return freeze


def test_a_frozen_environment_is_not_deployed_to(installation, live):
    frozen(installation)

    error, context = ended(installation, Blocked)

    for text in ("the sale", "grace@shop", "2026-03-04T05:06:07"):
        assert text in error.message
    assert "unfreeze development" in error.hint
    assert installation.engine.states == []
    report_of(context)


def test_a_frozen_environment_can_be_rolled_back_and_stays_frozen(installation, live):
    installation.deploy(installation.open())
    freeze = frozen(installation)

    assert installation.roll_back(installation.open(action="rollback")) == "deployed"

    assert serving(installation.engine) == live
    assert installation.engine.state().freeze == freeze
