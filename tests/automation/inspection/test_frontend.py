"""The frontend is found up to three levels deep, with its tools and its way to start."""

from pathlib import Path
from typing import Any

import pytest

from automation.inspection.findings import FoundFrontend
from automation.inspection.frontend import find
from tests.automation.inspection.tree import package, write_files


def frontend(root: Path, files: dict[str, str | dict[str, Any]]) -> FoundFrontend:
    found, _ = find(write_files(root, files))
    assert found is not None
    return found


@pytest.mark.parametrize("path", [".", "web", "a/b", "a/b/c"])
def test_a_frontend_is_found_up_to_three_levels_deep(tmp_path: Path, path: str) -> None:
    assert frontend(tmp_path, {f"{path}/package.json": package("next")}).path == path


def test_a_frontend_that_lies_deeper_is_not_found(tmp_path: Path) -> None:
    assert find(write_files(tmp_path, {"a/b/c/d/package.json": package("next")})) == (None, [])


@pytest.mark.parametrize(
    ("lock", "name"),
    [("package-lock.json", "npm"), ("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn")],
)
def test_a_workspace_is_found_with_its_lock_file(tmp_path: Path, lock: str, name: str) -> None:
    members: dict[str, str | dict[str, Any]] = (
        {"pnpm-workspace.yaml": "packages: ['apps/*']"}
        if name == "pnpm"
        else {"package.json": {"workspaces": ["apps/*"]}}
    )
    found = frontend(tmp_path, {**members, lock: "", "apps/web/package.json": package("next")})

    assert (found.workspace, found.lockfile) == (".", lock)


def test_a_folder_that_is_no_member_has_no_workspace(tmp_path: Path) -> None:
    files: dict[str, str | dict[str, Any]] = {"pnpm-workspace.yaml": "packages: ['packages/*']"}

    assert frontend(tmp_path, {**files, "web/package.json": package("next")}).workspace is None


def test_a_standalone_server_is_told_from_next_start(tmp_path: Path) -> None:
    files: dict[str, str | dict[str, Any]] = {"package.json": package("next")}
    assert frontend(tmp_path, files).server == "`next start`"

    config = {"next.config.mjs": "export default { output: 'standalone' }"}
    assert frontend(tmp_path, {**files, **config}).server == "standalone server"


def test_a_setting_in_a_comment_does_not_count(tmp_path: Path) -> None:
    config = "export default {\n  // output: 'standalone',\n  /* output: 'export' */\n}"
    found = frontend(tmp_path, {"package.json": package("next"), "next.config.js": config})

    assert (found.kind, found.server) == ("nextjs", "`next start`")


def test_an_exported_next_application_is_static(tmp_path: Path) -> None:
    config = 'module.exports = { output: "export" }'
    found = frontend(tmp_path, {"w/package.json": package("next"), "w/next.config.js": config})

    assert (found.kind, found.output) == ("static", "w/out")


@pytest.mark.parametrize(
    ("config", "output"),
    [
        ("export default {}", "w/dist"),
        ("export default { build: { outDir: 'public/build' } }", "w/public/build"),
        ("export default { build: { outDir: '../static' } }", "static"),
    ],
)
def test_the_output_of_vite_is_read_from_its_configuration(
    tmp_path: Path, config: str, output: str
) -> None:
    files: dict[str, str | dict[str, Any]] = {"w/package.json": package("vite"), "w/index.html": ""}
    found = frontend(tmp_path, {**files, "w/vite.config.ts": config})

    assert (found.kind, found.output) == ("static", output)


def test_an_application_is_preferred_to_a_library_and_the_others_are_named(tmp_path: Path) -> None:
    found, checks = find(
        write_files(
            tmp_path,
            {
                "packages/ui/package.json": package("vite"),
                "apps/admin/package.json": package("next"),
                "apps/web/package.json": package("next"),
                "package-lock.json": "",
            },
        )
    )

    assert found is not None
    assert found.path == "apps/web"
    assert checks[0] == "the frontend is apps/web, not apps/admin, packages/ui"


def test_a_health_route_of_the_frontend_is_used(tmp_path: Path) -> None:
    files = {"package.json": package("next"), "src/app/(ops)/api/health/route.ts": ""}
    found = frontend(tmp_path, dict(files))

    assert found.health == "/api/health"
    assert found.own_api


def test_variables_are_read_with_and_without_defaults(tmp_path: Path) -> None:
    source = """
    const a = process.env.PLAIN_A; const b = process.env["QUOTED_B"] ?? "x"
    const { UNPACKED_C, UNPACKED_D = "4" } = process.env
    // process.env.COMMENTED
    if (process.env.NODE_ENV === "production") {}
    """
    found = frontend(tmp_path, {"package.json": package("next"), "lib/a.ts": source})

    assert {one.name: one.has_default for one in found.readings} == {
        "PLAIN_A": False,
        "QUOTED_B": True,
        "UNPACKED_C": False,
        "UNPACKED_D": True,
    }
    assert found.readings[0].source == "lib/a.ts:2"


def test_variables_of_linked_packages_are_read_too(tmp_path: Path) -> None:
    web = package("next")
    web["dependencies"]["@x/api"] = "workspace:*"
    found = frontend(
        tmp_path,
        {
            "pnpm-workspace.yaml": "packages: ['apps/*', 'packages/*']",
            "apps/web/package.json": web,
            "packages/api/package.json": {"name": "@x/api"},
            "packages/api/index.ts": "export const url = process.env.NEXT_PUBLIC_API_URL",
            "packages/unused/package.json": {"name": "@x/unused"},
            "packages/unused/index.ts": "process.env.NOBODY",
        },
    )

    assert [one.name for one in found.readings] == ["NEXT_PUBLIC_API_URL"]
