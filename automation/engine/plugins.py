"""The engine's provider plugins: which a stack needs, and how they get here, by name.

The engine would look for those of every installed SDK before each update, needed or not; that is
switched off (see environment.py). A stack of this machine alone needs none, and nothing is asked.
"""

import importlib.util
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from automation.engine import process
from automation.engine.environment import EngineEnvironment
from automation.engine.update import said
from automation.errors import Blocked, ToolMissing
from automation.home import PROJECT
from components.contract.platforms import REGISTRIES
from components.contract.settings import Settings

PACKAGES: Mapping[str, str] = {
    "aws": "pulumi_aws",
    "kubernetes": "pulumi_kubernetes",
    "random": "pulumi_random",
    "vercel": "pulumiverse_vercel",
}
"""The SDK of each plugin: it says which version of the plugin it wants."""
DESCRIPTION = "pulumi-plugin.json"
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Plugin:
    """A plugin as its SDK wants it; `server` is where it is published, empty for the engine's."""

    name: str
    version: str
    server: str = ""

    @property
    def program(self) -> str:
        """Return the name that its program has on PATH."""
        return f"pulumi-resource-{self.name}"

    @property
    def arguments(self) -> tuple[str, ...]:
        """Return the arguments with which the engine installs it."""
        server = ("--server", self.server) if self.server else ()
        return ("plugin", "install", "resource", self.name, self.version, *server)

    @property
    def by_hand(self) -> str:
        """Return the command with which a person installs it."""
        return " ".join(("pulumi", *self.arguments))


def names(settings: Settings) -> tuple[str, ...]:
    """Return the plugins that the chosen platforms need, by name."""
    chosen = (registry.get(settings.platform(name)) for name, registry in REGISTRIES.items())
    return tuple(sorted({name for platform in chosen if platform for name in platform.plugins}))


def wanted(name: str) -> Plugin:
    """Return the plugin as its installed SDK wants it. Its package is not imported: it is large.

    Raise ToolMissing where the SDK is not installed.
    """
    package = PACKAGES.get(name, f"pulumi_{name}")
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        file = Path(folder) / DESCRIPTION
        if file.exists():
            found = json.loads(file.read_text())
            return Plugin(found["name"], found["version"], found.get("server", ""))
    raise ToolMissing(
        f"the package {package} is not installed: the platforms that need {name} cannot be used",
        hint="Run ./slipway: it installs requirements.txt.",
    )


def places(environment: EngineEnvironment, plugins: Iterable[Plugin]) -> dict[Plugin, str | None]:
    """Return where each plugin is: its path if it is on PATH, else `installed`; None, nowhere."""
    path = environment.variables()["PATH"]
    found = {plugin: shutil.which(plugin.program, path=path) for plugin in plugins}
    if all(found.values()):
        return found
    installed = _installed(environment)
    return {
        plugin: at or ("installed" if (plugin.name, plugin.version) in installed else None)
        for plugin, at in found.items()
    }


def ensure(environment: EngineEnvironment, settings: Settings, tell: Tell) -> None:
    """Install what is needed and not here. Raise Blocked, with the commands, where it cannot be."""
    found = places(environment, map(wanted, names(settings)))
    missing = [plugin for plugin, at in found.items() if at is None]
    failed: dict[Plugin, str] = {}
    for plugin in missing:
        tell(f"installing the engine's plugin {plugin.name} {plugin.version}")
        done = process.run(
            [environment.command, "--non-interactive", *plugin.arguments],
            cwd=str(PROJECT),
            env=environment.variables(),
        )
        if done.code != 0:
            failed[plugin] = said(done.stderr).splitlines()[-1]
    if failed:
        commands = "; ".join(plugin.by_hand for plugin in failed)
        raise Blocked(
            f"the engine's plugins cannot be installed: {', '.join(p.name for p in failed)}",
            hint=f'Where their host is reached: eval "$(./slipway env {environment.stack})"; '
            f"{commands}. A {next(iter(failed)).program} on PATH is taken as it is.",
            details=tuple(failed.values()),
        )


def _installed(environment: EngineEnvironment) -> set[tuple[str, str]]:
    command = [environment.command, "--non-interactive", "plugin", "ls", "--json"]
    done = process.run(command, cwd=str(PROJECT), env=environment.variables())
    try:
        listed = json.loads(done.stdout)
    except ValueError:
        return set()
    return {
        (each["name"], str(each.get("version") or "").removeprefix("v"))
        for each in listed
        if each.get("kind") == "resource"
    }
