"""First deployments that fail: nothing is left live, and the next one gets home."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from automation.errors import BuildFailed, DeploymentFailed
from tests.integration.tiny import IMPATIENT, Tiny, assert_refused, tiny

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("bad-first-deployments")]
MEGABYTE = 1_000_000
ROOM = 1_050
"""Megabytes: just more than a build asks for, so that it begins."""


@pytest.fixture(scope="module")
def installed() -> Iterator[Tiny]:
    with tiny() as made:
        yield made


@pytest.fixture
def first(installed: Tiny) -> Iterator[Tiny]:
    """Nothing is live before, and nothing afterwards."""
    installed.settings()
    installed.serve()
    installed.specify()
    yield installed
    found = installed.status()
    assert found["release"] is None
    assert found["unfinished"] is None
    assert found["healthy"] is False


def test_a_build_that_finds_no_room_to_begin_with_touches_nothing(first: Tiny):
    with disk(first.home / "artifacts", megabytes=64):
        ran = first("up", "development")

    assert_refused(ran, BuildFailed.exit_code, "the disk is full", str(first.home / "artifacts"))
    untouched(first)


def test_a_disk_that_fills_during_the_build_touches_nothing(first: Tiny):
    first.specify(install='  install: "cat /dev/zero > filler"')

    with disk(first.home / "artifacts", megabytes=ROOM) as folder:
        ran = first("up", "development")
        left = [path.name for path in folder.iterdir() if path.name.startswith("backend-")]

    assert_refused(ran, BuildFailed.exit_code, "the disk is full", "Free some space")
    assert left == []
    untouched(first)


def test_a_first_release_that_dies_at_its_start_leaves_nothing_live(first: Tiny):
    first.serve("dies")

    assert_refused(
        first("up", "development"),
        DeploymentFailed.exit_code,
        "started and died",
        "tiny: there is no such planet",
        "nothing is live, as before",
    )


def test_a_first_release_that_never_becomes_healthy_leaves_nothing_live(first: Tiny):
    first.settings(healthTimeoutSeconds=IMPATIENT)
    first.serve("sick")

    assert_refused(
        first("up", "development"),
        DeploymentFailed.exit_code,
        "0 of 1 replicas became ready within 5 s",
        "status 503",
        "nothing is live, as before",
    )

    running = first.slipway.programs("development")
    assert [name for name in running if name.startswith("backend")] == []


def untouched(installed: Tiny) -> None:
    """See that nothing was started."""
    assert installed.slipway.processes() == []
    assert not installed.slipway.run_folder("development").exists()


@contextlib.contextmanager
def disk(folder: Path, *, megabytes: int) -> Iterator[Path]:
    """Make a folder a small file system of its own for a while; skip where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes * MEGABYTE}", "tmpfs", str(folder)]
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no small file system can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
