import threading
from pathlib import Path

import pytest

from automation.errors import ToolMissing
from automation.toolchain.cache import Unavailable
from automation.toolchain.pulumi import LANGUAGE_HOST, Fetch, Locator


def executable(path: Path, script: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def tools(folder: Path, version: str = "v3.259.0", *, host: bool = True) -> Path:
    executable(folder / "pulumi", f"echo {version}")
    if host:
        executable(folder / LANGUAGE_HOST)
    return folder


class ScriptedFetch:
    """Fills the folder, or fails in the way that it was told to."""

    def __init__(self, problem: Exception | None = None) -> None:
        self.problem = problem

    def __call__(self, into, progress, cancelled) -> None:
        tools(into / "bin")
        if self.problem is not None:
            raise self.problem


def locator(tmp_path: Path, *fetches: Fetch, path: Path | None = None) -> Locator:
    named = tuple(("modules", f"3.{300 + n}.0", fetch) for n, fetch in enumerate(fetches))
    return Locator(str(path or tmp_path / "nothing"), tmp_path / "cache", named)


def ignore(_line: str) -> None:
    return None


def test_the_pulumi_on_path_comes_first(tmp_path):
    folder = tools(tmp_path / "bin", "v3.260.1")
    tools(tmp_path / "cache" / "3.300.0" / "bin")

    found = locator(tmp_path, path=folder).locate(ignore)

    assert (found.bin, found.version, found.source) == (folder, "3.260.1", "path")


def test_one_that_is_too_old_is_named_with_both_versions(tmp_path):
    folder = tools(tmp_path / "bin", "v3.50.2")

    with pytest.raises(ToolMissing) as refused:
        locator(tmp_path, path=folder).locate(ignore)

    assert str(folder / "pulumi") in refused.value.message
    assert "3.50.2" in refused.value.message
    assert "3.210.0" in refused.value.message
    assert "PATH" in refused.value.hint


def test_one_of_our_own_making_that_tells_no_version_is_taken(tmp_path):
    found = locator(tmp_path, path=tools(tmp_path / "bin", "")).locate(ignore)

    assert (found.version, found.source) == ("", "path")


def test_one_without_its_language_host_is_passed_over_and_said(tmp_path):
    lines: list[str] = []
    folder = tools(tmp_path / "bin", host=False)
    tools(tmp_path / "cache" / "3.259.0" / "bin")

    found = locator(tmp_path, path=folder).locate(lines.append)

    assert found.source == "cache"
    assert any(LANGUAGE_HOST in line for line in lines)


def test_the_newest_whole_version_of_the_cache_is_taken(tmp_path):
    tools(tmp_path / "cache" / "3.259.0" / "bin")
    tools(tmp_path / "cache" / "3.1000.0" / "bin")
    tools(tmp_path / "cache" / "3.2000.0" / "bin", host=False)

    assert locator(tmp_path).locate(ignore).version == "3.1000.0"


def test_where_one_way_is_not_open_the_next_is_tried(tmp_path):
    lines: list[str] = []
    closed, open_ = ScriptedFetch(Unavailable("no network")), ScriptedFetch()

    found = locator(tmp_path, closed, open_).locate(lines.append)

    assert "no network" in lines
    assert found.bin == tmp_path / "cache" / "3.301.0" / "bin"
    assert not (tmp_path / "cache" / "3.300.0").exists()


def test_a_build_that_fails_leaves_nothing_that_looks_like_tools(tmp_path):
    failing = ScriptedFetch(ToolMissing("the build failed"))

    with pytest.raises(ToolMissing, match="the build failed"):
        locator(tmp_path, failing).locate(ignore)

    assert locator(tmp_path).cached() is None
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [".lock"]


def test_two_processes_that_need_it_fetch_it_once(tmp_path):
    second_waits, found, fetches = threading.Event(), [], []

    def fetch(into, progress, cancelled) -> None:
        fetches.append(into)
        second_waits.wait(20)
        tools(into / "bin")

    def progress(line: str) -> None:
        if line.startswith("waiting for another process"):
            second_waits.set()

    where = locator(tmp_path, fetch)
    threads = [
        threading.Thread(target=lambda: found.append(where.locate(progress))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(fetches) == 1
    assert {tool.version for tool in found} == {"3.300.0"}


def test_without_any_way_it_says_where_pulumi_is_to_be_had(tmp_path):
    with pytest.raises(ToolMissing) as refused:
        locator(tmp_path).locate(ignore)

    assert "https://www.pulumi.com" in refused.value.hint
