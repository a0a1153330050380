"""Things that are real: a supervisor in a folder of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from components.contract.outputs import RUN_MARK
from components.dynamic import supervision
from components.dynamic.supervisor import SupervisorProvider


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A run folder with a supervisor, in a path with everything that configuration files hate."""
    folder = tmp_path_factory.mktemp("a 100% odd' path") / "run"
    provider = SupervisorProvider()
    made = provider.create({"run": str(folder)})
    yield folder
    provider.delete(made.id, made.outs)
    assert not marked(folder)


def marked(run: Path) -> list[int]:
    """List the processes that carry the mark of a run folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(RUN_MARK) == str(run):
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return found


@pytest.fixture
def eventually() -> Callable[[Callable[[], Any]], Any]:
    def wait(observe: Callable[[], Any]) -> Any:
        found: list[Any] = []

        def accept() -> bool:
            found[:] = [observe()]
            return bool(found[0])

        supervision.settle(accept, "what the test waits for")
        return found[0]

    return wait
