"""Build a frontend: a Next.js server, another Node server, or static files served by Caddy."""

import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from automation.builds import nextjs, packages, static
from automation.builds import vercel as hosting
from automation.builds.job import Job
from automation.builds.plan import Plan, Recipe, build_variables, folder
from automation.errors import InvalidInput
from automation.specification.models import Frontend
from automation.toolchain import node as nodes
from automation.toolchain.node import NodeTools


def plan(
    frontend: Frontend, app: Path, values: Mapping[str, str], *, vercel: str | None = None
) -> Plan:
    """Return what a build of the frontend needs. Raise InvalidInput where that is not there.

    `vercel` is the Node.js of the functions there, None where the frontend runs elsewhere.
    """
    path = folder(app, frontend.path, "frontend.path")
    if frontend.workspace:
        root = folder(app, frontend.workspace, "frontend.workspace")
    else:
        root = packages.workspace(app.resolve(), path)
    if not path.is_relative_to(root):
        raise InvalidInput(f"frontend.workspace: {frontend.path} is not inside it")
    node = nodes.locate()
    variables, later = build_variables(frontend, values)
    hidden = tuple(name for name in later if name.startswith(("NEXT_PUBLIC_", "VITE_")))
    return Plan(
        root=root,
        place=PurePosixPath(path.relative_to(root).as_posix()),
        configuration={
            "kind": frontend.kind,
            "place": str(path.relative_to(root)),
            "install": frontend.install,
            "build": frontend.build,
            "output": frontend.output,
            "starts itself": frontend.start is not None,
            "variables": variables,
            "node": node.version,
            **({"vercel": [hosting.VERSION, vercel]} if vercel else {}),
        },
        variables=variables,
        make=lambda job: make(job, frontend, node, vercel),
        notes=tuple(f"{name} is not known when the browser's code is built" for name in hidden),
    )


def make(job: Job, frontend: Frontend, node: NodeTools, vercel: str | None = None) -> Recipe:
    """Build in the job's folder. The layout has `server` and `working_directory`, or `site`."""
    if vercel is not None:
        hosting.check(job, frontend)
    package = packages.manifest(job.work)
    if not package:
        if frontend.kind != "static" or frontend.build:
            raise job.failed(f"there is no readable package.json in {job.place}")
        return _served(job, frontend, {})
    manager = packages.choose(job.source)
    tools = packages.provide(manager, node, job, packages.environment(node, *_folders(job)))
    env = packages.environment(node, job.work, job.source, tools)
    if frontend.install:
        job.shell("installing dependencies", frontend.install, job.source, env)
    else:
        job.run("installing dependencies", manager.install, job.source, env)
    # Production only now: the tools that build are among the development dependencies.
    production = {**env, **job.variables, "NODE_ENV": "production"}
    command = _build_command(frontend, package, manager)
    if command and vercel is not None and frontend.kind == "nextjs":
        hosting.build(job, command, node, production, vercel)
    elif command:
        job.shell("building", command, job.work, production)
    made_by = {
        "node": node.version,
        manager.command: manager.version or packages.DEFAULTS[manager.name],
    }
    notes = () if manager.locked or frontend.install else ("dependencies are not locked",)
    return _finished(job, frontend, made_by, notes)


def _build_command(
    frontend: Frontend, package: Mapping[str, Any], manager: packages.PackageManager
) -> str | None:
    if frontend.build or "build" in packages.scripts(package):
        return frontend.build or f"{manager.command} run build"
    return "next build" if frontend.kind == "nextjs" else None


def _folders(job: Job) -> tuple[Path, Path, Path]:
    return job.work, job.source, job.source / "node_modules" / ".bin"


def _finished(
    job: Job, frontend: Frontend, tools: Mapping[str, str], notes: tuple[str, ...]
) -> Recipe:
    if frontend.kind == "static":
        return _served(job, frontend, tools, notes)
    if frontend.kind == "node" or frontend.start:
        # A declared command counts on the sources as they are: nothing is moved.
        layout = {**_layout(job, "node", job.work), "start": _start(job, frontend)}
        return Recipe(layout, tools, notes)
    built = nextjs.find(job.work)
    if built is None:
        raise job.failed("the build left no .next folder", hint="Is `kind: nextjs` right?")
    if built.output == "export":
        return _served(job, frontend, tools, notes)
    server = nextjs.assemble(job.work, built, job.folder)
    if server is not None:
        shutil.rmtree(job.source)
        return Recipe(_layout(job, "standalone", server), tools, notes)
    script = nextjs.server_script(job.work)
    if script is None:
        raise job.failed("there is no `next` among its dependencies")
    shutil.rmtree(built.folder / "cache", ignore_errors=True)
    layout = {**_layout(job, "next", job.work), "script": str(script)}
    return Recipe(layout, tools, (*notes, "without `output: standalone` it keeps node_modules"))


def _start(job: Job, frontend: Frontend) -> str:
    start = frontend.start or packages.scripts(packages.manifest(job.work)).get("start")
    if not start:
        raise job.failed("nothing says how to start it", hint="Declare `start` for the frontend.")
    return str(start)


def _layout(job: Job, server: str, work: Path) -> dict[str, str]:
    return {"server": server, "working_directory": str(work.relative_to(job.folder))}


def _served(
    job: Job, frontend: Frontend, tools: Mapping[str, str], notes: tuple[str, ...] = ()
) -> Recipe:
    """Keep the files to serve, and nothing else, with the configuration of their server."""
    output = static.output(job.work, frontend.output)
    if output is None:
        looked = frontend.output or ", ".join(static.USUAL_OUTPUTS)
        raise job.failed(
            f"no index.html in {looked}",
            hint="Name the folder that the build fills: `output` of the frontend.",
        )
    site = job.folder / nextjs.SITE
    output.rename(site)
    shutil.rmtree(job.source, ignore_errors=True)
    (job.folder / "Caddyfile").write_text(static.caddyfile(site))
    return Recipe({"server": "caddy", "working_directory": nextjs.SITE}, tools, notes)
