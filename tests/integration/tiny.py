"""The tiny application, deployed by a copy of the project whose stack files a test may spoil."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from automation.errors import Busy
from automation.holder import owner
from automation.home import PROJECT
from automation.probes.client import public_client
from tests.integration.driver import Ran, Slipway, eventually, installation

SOURCES = ("automation", "components", "clients")
FILES = ("__main__.py", "pyproject.toml", "Pulumi.yaml")
QUICK = {
    "slipway:backendReplicas": "1",
    "slipway:healthSuccesses": "1",
    "slipway:healthTimeoutSeconds": "60",
    "slipway:performanceRequests": "5",
}
"""Settings with which a deployment takes no longer than it must; on a busy machine it may."""
IMPATIENT = "5"
"""Seconds for replicas to become ready, where they are not to."""


@dataclass
class Tiny:
    """An installation and an application to spoil."""

    slipway: Slipway
    application: Path

    def __call__(self, *arguments: str | Path) -> Ran:
        """Run a command to its end, and see that it shows nobody a traceback."""
        return plain(self.slipway(*arguments))

    @property
    def home(self) -> Path:
        """Return the folder of everything that this installation writes."""
        return self.slipway.home

    def settings(self, **values: str | list[int] | None) -> None:
        """Write the stack's file of development: keys of `slipway:` over the quick ones."""
        own = {f"slipway:{key}": value for key, value in values.items()}
        config = {"slipway:application": str(self.application), **QUICK, **own}
        kept = {key: value for key, value in config.items() if value is not None}
        self.stack_file(yaml.safe_dump({"config": kept}))

    def stack_file(self, text: str) -> None:
        """Write the stack's file of development as it is given."""
        (self.slipway.checkout / "Pulumi.development.yaml").write_text(text)

    def serve(self, condition: str = "well", greeting: str = "hello") -> None:
        """Change the sources: how the server fares, and what it says."""
        file = self.application / "server.py"
        text = (PRISTINE / "server.py").read_text()
        text = text.replace('CONDITION = "well"', f'CONDITION = "{condition}"')
        file.write_text(text.replace('GREETING = "hello"', f'GREETING = "{greeting}"'))

    def specify(self, **replaced: str) -> None:
        """Write the specification with lines replaced: by key, the first that begins with it."""
        lines = (PRISTINE / DOCUMENT).read_text().splitlines()
        for key, line in replaced.items():
            at = next(n for n, text in enumerate(lines) if text.strip().startswith(f"{key}:"))
            lines[at] = line
        (self.application / DOCUMENT).write_text("\n".join(lines) + "\n")

    def status(self) -> dict[str, Any]:
        """Return what `slipway status` says, healthy or not."""
        return dict(self("status", "development", "--json").json)

    def serves(self, release: str, greeting: str = "hello") -> None:
        """See that a release is live and answers at the public address, nothing unfinished."""
        found = self.status()
        assert (found["release"], found["healthy"], found["unfinished"]) == (release, True, None)
        with public_client(found["url"], found["ca_certificate"]) as client:
            answer = client.get("/api/greeting")
        assert answer.status_code == 200, answer.text
        assert answer.json() == {"greeting": greeting}

    def deployments(self) -> list[Path]:
        """List the folders of the deployments, oldest first."""
        folder = self.home / "development" / "deployments"
        found = folder.iterdir() if folder.exists() else ()
        return sorted(found, key=lambda path: path.name)

    def saw(self, step: str, text: str = "", *, beside: frozenset[Path] = frozenset()) -> None:
        """Wait until a deployment that is not among `beside` says a text during a step."""

        def told() -> list[dict[str, Any]]:
            new = [path for path in self.deployments() if path not in beside]
            file = new[-1] / "events.jsonl" if new else None
            if file is None or not file.exists():
                return []
            whole = [line for line in file.read_text().splitlines(keepends=True) if "\n" in line]
            return [json.loads(line) for line in whole]

        eventually(
            told,
            lambda events: any(
                event.get("step") == step and text in event.get("text", "") for event in events
            ),
            what=f"{step}: {text}",
            seconds=SAW_SECONDS,
        )


SAW_SECONDS = 240
"""A deployment on a machine that runs others at once takes minutes to come to its end."""
PRISTINE = Path(__file__).parents[1] / "fixtures" / "apps" / "tiny"
DOCUMENT = Path("specs/deployment/tiny.md")


@contextmanager
def tiny() -> Iterator[Tiny]:
    """Give a copy of the project and of the application, with nothing deployed yet."""
    with installation() as slipway:
        slipway.checkout = checkout(slipway.folder / "checkout")
        application = slipway.folder / "tiny"
        shutil.copytree(PRISTINE, application, ignore=shutil.ignore_patterns("__pycache__"))
        made = Tiny(slipway, application)
        made.settings()
        try:
            yield made
        finally:
            made.settings()  # what is deployed cannot be destroyed with a spoilt file


def checkout(to: Path) -> Path:
    """Copy what a deployment needs of the project; the virtual environment is shared."""
    for name in SOURCES:
        shutil.copytree(PROJECT / name, to / name)
    for file in (*(PROJECT / name for name in FILES), *PROJECT.glob("Pulumi.*.yaml")):
        shutil.copy2(file, to)
    (to / ".venv").symlink_to(PROJECT / ".venv")
    return to


def plain(ran: Ran) -> Ran:
    """Return how a command ended, having seen that it showed no traceback."""
    assert "Traceback" not in ran.stderr + ran.stdout, ran
    assert "unexpected:" not in ran.stderr, ran
    return ran


def assert_refused(ran: Ran, code: int, *texts: str) -> Ran:
    """See that a command ended with a code and said every text to the person."""
    plain(ran).ok(code)
    missing = [text for text in texts if text not in ran.stderr]
    assert not missing, f"{missing} not said by\n{ran}"
    return ran


def at_the_same_instant(installed: Tiny, *, change: Callable[[], object]) -> None:
    """Start two deployments at once; see one go through, the other refused with its name."""
    change()
    both = [installed.slipway.start("up", "development") for _ in range(2)]
    ended = [plain(installed.slipway.end(process)) for process in both]
    pairs = sorted(zip(ended, both, strict=True), key=lambda each: each[0].code)
    (through, winner), (refused, _) = pairs
    told = f"{owner()} (process {winner.pid}, `slipway up development`, since "
    through.ok()
    assert_refused(refused, Busy.exit_code, told)
