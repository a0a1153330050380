import errno
import os
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from automation.builds import sources
from automation.errors import BuildFailed


def write(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", root, *arguments], check=True, capture_output=True)


def names(paths: list[PurePosixPath]) -> list[str]:
    return [str(path) for path in paths]


def test_in_a_git_checkout_what_is_tracked_or_new_counts_and_what_is_ignored_does_not(tmp_path):
    git(tmp_path, "init")
    write(tmp_path, "app/tracked", "app/new", "app/out/ignored", "app/gone", "elsewhere")
    (tmp_path / ".gitignore").write_text("out/\n")
    git(tmp_path, "add", "app/tracked", "app/gone")
    (tmp_path / "app" / "gone").unlink()

    assert names(sources.listed(tmp_path / "app")) == ["new", "tracked"]


def test_without_git_what_tools_made_is_left_out(tmp_path):
    write(tmp_path, "page.tsx", "node_modules/a/index.js", ".next/x", "src/__pycache__/y.pyc")

    assert names(sources.listed(tmp_path)) == ["page.tsx"]


def test_what_reading_would_wait_for_is_no_file(tmp_path):
    write(tmp_path, "walked/main.py", "tracked/main.py", "tracked/pipe")
    git(tmp_path / "tracked", "init")
    git(tmp_path / "tracked", "add", ".")
    (tmp_path / "tracked" / "pipe").unlink()
    for folder in ("walked", "tracked"):
        os.mkfifo(tmp_path / folder / "pipe")

        assert names(sources.listed(tmp_path / folder)) == ["main.py"]


def test_an_application_in_a_folder_that_git_ignores_is_still_found(tmp_path):
    git(tmp_path, "init")
    (tmp_path / ".gitignore").write_text("scratch/\n")
    write(tmp_path, "scratch/app/main.py")

    assert names(sources.listed(tmp_path / "scratch" / "app")) == ["main.py"]


def test_files_that_may_hold_credentials_are_never_listed(tmp_path):
    git(tmp_path, "init")
    write(tmp_path, ".env", ".env.local", "api/.env.example", "api/environment.py")
    git(tmp_path, "add", "-f", ".")

    assert names(sources.listed(tmp_path)) == ["api/environment.py"]
    assert names(sources.environment_files(tmp_path)) == [
        ".env",
        ".env.local",
        "api/.env.example",
    ]


def test_excluded_files_and_folders_do_not_count(tmp_path):
    write(tmp_path, "a.py", "docs/a.md", "docs/deep/b.md", "notes.md")

    assert names(sources.listed(tmp_path, ("docs/", "*.md"))) == ["a.py"]


def test_copies_keep_modes_and_links(tmp_path):
    write(tmp_path, "from/run.sh")
    (tmp_path / "from" / "run.sh").chmod(0o755)
    (tmp_path / "from" / "link").symlink_to("run.sh")

    sources.copy(tmp_path / "from", sources.listed(tmp_path / "from"), tmp_path / "to")

    assert os.access(tmp_path / "to" / "run.sh", os.X_OK)
    assert (tmp_path / "to" / "link").readlink() == Path("run.sh")


def test_a_file_that_cannot_be_read_is_no_defect_but_a_full_disk_stays_one():
    refused = PermissionError(errno.EACCES, "no way", "/app/key")
    with pytest.raises(BuildFailed, match="/app/key cannot be read"), sources.readable("backend"):
        raise refused
    with pytest.raises(OSError, match="no space"), sources.readable("backend"):
        raise OSError(errno.ENOSPC, "no space", "/artifacts")
