import subprocess

import pytest

from automation import versioning
from automation.specification.models import Backend, Frontend, Specification

BACKEND = Backend(path="api", application="main:app")


def specification(**fields) -> Specification:
    return Specification(name="shop", backend=BACKEND, **fields)


@pytest.fixture
def checkout(tmp_path):
    """A repository with an application in a folder, and `git(...)` inside it."""
    application = tmp_path / "repository" / "shop"
    (application / "api").mkdir(parents=True)

    def git(*arguments: str) -> str:
        own = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        own += ["-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main"]
        command = ["git", "-C", str(application), *own, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(name: str, subject: str, *options: str) -> str:
        (application / name).write_text(name)
        git("add", "-A", str(application.parent))
        git("commit", "-qm", subject, *options)
        return git("rev-parse", "HEAD")

    git("init", "-q", str(application.parent))
    return application, commit


def test_the_version_is_the_specifications_else_a_packages_else_none(tmp_path):
    (tmp_path / "api").mkdir()
    assert versioning.version(tmp_path, specification()) == "0.0.0"

    (tmp_path / "package.json").write_text('{"version": "3.0.0"}')
    both = specification(frontend=Frontend())
    assert versioning.version(tmp_path, both) == "3.0.0"

    (tmp_path / "api" / "pyproject.toml").write_text('[project]\nversion = "2.0.0"')
    assert versioning.version(tmp_path, both) == "2.0.0"
    assert versioning.version(tmp_path, specification(version="1.0.0")) == "1.0.0"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", b"[broken"),
        ("pyproject.toml", b"[tool.x]\n"),
        ("pyproject.toml", b"project = ['version']"),
        ("pyproject.toml", b"# caf\xe9"),
        ("package.json", b"{"),
        ("package.json", b"[]"),
    ],
)
def test_a_file_that_says_no_version_is_no_reason_to_stop(tmp_path, name, text):
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / name).write_bytes(text)

    assert versioning.version(tmp_path, specification()) == "0.0.0"


def test_a_commit_with_changes_beside_it_is_called_dirty(checkout):
    application, commit = checkout
    head = commit("a.txt", "first")
    assert versioning.commit(application) == head

    (application / "new.txt").write_text("not yet added")
    assert versioning.commit(application) == f"{head}-dirty"


def test_changes_elsewhere_in_the_repository_are_not_the_applications(checkout):
    application, commit = checkout
    head = commit("a.txt", "first")

    (application.parent / "other.txt").write_text("changed")

    assert versioning.commit(application) == head


def test_a_folder_in_no_checkout_has_no_commit(tmp_path):
    assert versioning.commit(tmp_path) is None
    assert versioning.commit(tmp_path / "missing") is None
    assert versioning.commits(tmp_path, "a" * 40, "b" * 40) is None


def test_commits_between_two_releases_are_those_that_touch_the_application(checkout):
    application, commit = checkout
    first = commit("a.txt", "first")
    commit("b.txt", "second\twith a tab")
    commit("../elsewhere.txt", "not the application's")
    last = commit("c.txt", "third")

    found = versioning.commits(application, f"{first}-dirty", last)

    assert [(one.subject, one.author) for one in found] == [
        ("third", "Ada"),
        ("second\twith a tab", "Ada"),
    ]
    assert versioning.commits(application, None, last) is None
    assert versioning.commits(application, last, last) == []


@pytest.mark.parametrize(
    "subject", ["a\u2028line", "next\x85line", "form\x0cfeed", "carriage\rreturn"]
)
def test_a_subject_is_one_line_whatever_characters_are_in_it(checkout, subject):
    application, commit = checkout
    first, last = commit("a.txt", "first"), commit("b.txt", subject)

    found = versioning.commits(application, first, last)

    assert [one.subject for one in found] == [subject]


def test_a_commit_in_another_encoding_or_without_a_subject_is_shown_too(checkout):
    application, commit = checkout
    first = commit("a.txt", "first")
    unknown = ["git", "-C", application, "config", "i18n.commitEncoding", "x-unknown"]
    subprocess.run(unknown, check=True)
    last = commit("b.txt", "caf\udce9")
    nothing = commit("c.txt", "", "--allow-empty-message")

    assert [one.subject for one in versioning.commits(application, first, last)] == ["caf\ufffd"]
    assert [one.subject for one in versioning.commits(application, last, nothing)] == [""]
