import json
from pathlib import Path

import pytest

from automation.builds import packages
from automation.builds.packages import PackageManager


def write(root: Path, lock: str, content: str = "", **manifest: object) -> Path:
    (root / "package.json").write_text(json.dumps(manifest))
    (root / lock).write_text(content)
    return root


@pytest.mark.parametrize(
    ("lock", "content", "named", "expected"),
    [
        ("package-lock.json", "{}", "", PackageManager("npm", None, True)),
        ("pnpm-lock.yaml", "", "", PackageManager("pnpm", None, True)),
        ("pnpm-lock.yaml", "", "pnpm@9.1.2+sha512.ab", PackageManager("pnpm", "9.1.2", True)),
        ("pnpm-lock.yaml", "", "yarn@4.0.0", PackageManager("pnpm", None, True)),
        ("yarn.lock", "# yarn lockfile v1", "", PackageManager("yarn", None, True)),
        ("yarn.lock", "__metadata:\n", "yarn@4.5.0", PackageManager("berry", "4.5.0", True)),
        ("nothing", "", "pnpm@9.1.2", PackageManager("npm", None, False)),
    ],
)
def test_the_lock_file_decides_and_the_manifest_names_the_version(
    tmp_path, lock, content, named, expected
):
    assert packages.choose(write(tmp_path, lock, content, packageManager=named)) == expected


def test_what_a_lock_file_names_is_installed_with_the_tools_that_build():
    for name in packages.INSTALLS:
        assert PackageManager(name, None, True).install == packages.INSTALLS[name]
    assert "--include=dev" in PackageManager("npm", None, False).install


def test_a_package_without_a_lock_is_built_from_the_workspace_that_it_is_in(tmp_path):
    (tmp_path / "apps" / "web").mkdir(parents=True)
    write(tmp_path, "package-lock.json", "{}", workspaces=["apps/*"])

    assert packages.workspace(tmp_path, tmp_path / "apps" / "web") == tmp_path

    write(tmp_path / "apps" / "web", "package-lock.json", "{}")
    assert packages.workspace(tmp_path, tmp_path / "apps" / "web") == tmp_path / "apps" / "web"
