"""Both services are built at once, in a store that other environments prune."""

import json
import time
from pathlib import Path

import pytest

from automation import retention
from automation.context import Context
from automation.errors import BuildFailed
from automation.events import StepNotes
from automation.home import Home
from automation.reports.assembly import build_report
from automation.settings import StackFile
from automation.steps import build, validate
from components.contract.desired import DesiredState
from components.contract.settings import Settings
from tests.doubles.deployed import FakeEngine
from tests.doubles.installation import Installation, tiny
from tests.doubles.listener import Heard


@pytest.fixture
def installation(tmp_path):
    """An application whose page is built by a command, so that something is told of it."""
    application = tiny(tmp_path)
    document = application / "specs" / "deployment" / "tiny.md"
    text = document.read_text().replace("exclude: [specs]", "exclude: [specs, web]")
    text = text.replace("  kind: static", '  kind: static\n  install: "true"')
    document.write_text(text)
    script(application, "true")
    with FakeEngine() as engine:
        yield Installation(Home(tmp_path / "home"), application, engine)


def script(application: Path, command: str) -> None:
    package = {"scripts": {"build": command}}
    (application / "web" / "package.json").write_text(json.dumps(package))


def prepared(installation: Installation, heard: Heard) -> tuple[Context, StackFile]:
    context = installation.open(heard)
    file = StackFile(settings=context.settings, variables={}, given=frozenset())
    validate.run(context, file, StepNotes())
    return context, file


def pruned_by_another(home: Home) -> int:
    return retention.prune(home, "staging", DesiredState(), Settings())


def test_what_is_found_while_the_other_still_builds_is_not_pruned_by_another_environment(
    installation,
):
    first, file = prepared(installation, Heard())
    build.run(first, file, StepNotes())
    script(installation.application, "true # again")
    (first.home.environment("development") / "retained.json").unlink()
    gone: list[int] = []

    def meanwhile(text: str) -> None:
        while text.startswith("frontend: building") and not gone:
            if "backend" in second.facts.builds:  # found again, and on no list yet
                gone.append(pruned_by_another(second.home))
            time.sleep(0.01)

    second, file = prepared(installation, Heard(on_line=meanwhile))
    build.run(second, file, StepNotes())

    assert gone == [1]
    assert not Path(first.builds["frontend"].artifact.path).exists()
    assert second.builds["backend"].reused
    assert pruned_by_another(second.home) == 0
    assert all(Path(one.artifact.path).exists() for one in second.builds.values())


def test_a_defect_in_one_build_ends_the_other(installation):
    def fail(text: str) -> None:
        if text.startswith("frontend: building"):
            raise ZeroDivisionError

    context, file = prepared(installation, Heard(on_line=fail))

    with pytest.raises(ZeroDivisionError):
        build.run(context, file, StepNotes())

    assert context.interruption.cancelled.is_set()
    assert context.facts.builds["frontend"].status == "failed"


def test_a_build_that_was_cancelled_because_the_other_failed_says_so(installation):
    script(installation.application, "sleep 60")
    document = installation.application / "specs" / "deployment" / "tiny.md"
    waits = "until [ -e going ]; do sleep 0.05; done; echo no such planet; false"
    text = document.read_text().replace('  install: "true"', f'  install: "{waits}"', 1)
    document.write_text(text)
    released: list[Path] = []

    def on_line(text: str) -> None:
        while text.startswith("frontend: building") and not released:
            released.extend(installation.home.artifacts.glob("backend-*/source"))
            time.sleep(0.01)
        for source in released:
            (source / "going").touch()

    context, file = prepared(installation, Heard(on_line=on_line))

    with pytest.raises(BuildFailed):
        build.run(context, file, StepNotes())

    assert set(context.facts.builds) == {"backend"}
    found = build_report(context.facts)
    assert "no such planet" in Path(found.build.backend.build_logs_path or "").read_text()
    assert found.details["build.frontend.status"] == (
        "cancelled: the build of the backend had failed"
    )
