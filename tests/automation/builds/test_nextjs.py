import json
from pathlib import Path

from automation.builds import nextjs


def project(work: Path, inside: str = "") -> Path:
    """A finished standalone build; `inside` is the project's place in its repository."""
    required = json.dumps({"config": {"output": "standalone"}})
    for name, content in {
        ".next/required-server-files.json": required,
        ".next/static/chunk.js": "chunk",
        "public/robots.txt": "robots",
        f".next/standalone/{inside}server.js": "server",
        f".next/standalone/{inside}.next/BUILD_ID": "id",
        ".next/standalone/node_modules/other/server.js": "not this one",
    }.items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(content)
    return work


def test_a_standalone_build_gets_the_files_that_next_leaves_behind(tmp_path):
    work = project(tmp_path / "source")
    built = nextjs.find(work)
    assert built == nextjs.Built(work / ".next", "standalone")

    server = nextjs.assemble(work, built, tmp_path)

    assert server == tmp_path / "site"
    assert (server / ".next" / "static" / "chunk.js").read_text() == "chunk"
    assert (server / "public" / "robots.txt").read_text() == "robots"


def test_the_files_with_hashed_names_are_those_below_next_static(tmp_path):
    work = project(tmp_path)
    assert nextjs.assets(work) == {"/_next/static": ".next/static"}

    settings = json.dumps({"config": {"basePath": "/shop"}})
    (work / ".next" / "required-server-files.json").write_text(settings)
    assert nextjs.assets(work) == {"/shop/_next/static": ".next/static"}
    assert nextjs.assets(tmp_path / "elsewhere") == {}


def test_in_a_monorepo_the_server_is_found_as_deep_as_the_project_lies(tmp_path):
    work = project(tmp_path / "source" / "apps" / "web", "apps/web/")
    built = nextjs.find(work)
    assert built is not None

    server = nextjs.assemble(work, built, tmp_path)

    assert server == tmp_path / "site" / "apps" / "web"
    assert (server / ".next" / "static" / "chunk.js").is_file()


def test_a_static_export_and_a_build_without_standalone_are_told_apart(tmp_path):
    (tmp_path / "a" / ".next").mkdir(parents=True)
    (tmp_path / "a" / ".next" / "export-marker.json").write_text("{}")
    assert nextjs.find(tmp_path / "a") == nextjs.Built(tmp_path / "a" / ".next", "export")

    (tmp_path / "b" / ".next").mkdir(parents=True)
    (tmp_path / "b" / ".next" / "required-server-files.json").write_text('{"config": {}}')
    assert nextjs.find(tmp_path / "b") == nextjs.Built(tmp_path / "b" / ".next", None)
    assert nextjs.find(tmp_path) is None


def test_next_is_found_where_node_would_find_it(tmp_path):
    script = tmp_path / "node_modules" / "next" / "dist" / "bin" / "next"
    script.parent.mkdir(parents=True)
    script.touch()

    assert nextjs.server_script(tmp_path / "apps" / "web") == script
