"""Which of the engine's provider plugins the environments need, and which of them are here."""

from pathlib import Path

from automation import settings
from automation.engine import plugins
from automation.engine.environment import EngineEnvironment
from automation.errors import InvalidInput, ToolMissing
from automation.home import PROJECT, Home
from automation.toolchain import pulumi
from automation.toolchain.finding import Finding
from components.contract.names import ENVIRONMENTS


def findings(root: Path = PROJECT) -> list[Finding]:
    """Look for every plugin that an environment's platforms need; none where all are local."""
    users: dict[str, list[str]] = {}
    for environment in ENVIRONMENTS:
        try:
            needed = plugins.names(settings.load(environment, root).settings)
        except InvalidInput:
            continue  # its own commands say what is wrong there
        for name in needed:
            users.setdefault(name, []).append(environment)
    if not users:
        return []
    try:
        tools = pulumi.locator().present()
        wanted = {plugins.wanted(name): environments for name, environments in users.items()}
    except ToolMissing as problem:
        return [Finding("plugins", "missing", hint=problem.hint)]
    if tools is None:
        hint = f"The next `./slipway up {next(iter(users.values()))[0]}` installs it."
        return [Finding(f"plugin {p.name}", "note", p.version, hint=hint) for p in wanted]
    stack = next(iter(users.values()))[0]
    prepared = EngineEnvironment(Home.locate(), stack, tools.bin)
    return [
        _finding(plugin, at, wanted[plugin])
        for plugin, at in plugins.places(prepared, wanted).items()
    ]


def _finding(plugin: plugins.Plugin, at: str | None, environments: list[str]) -> Finding:
    name = f"plugin {plugin.name}"
    if at is not None:
        return Finding(name, "ok", plugin.version, at)
    hint = f"`./slipway up {environments[0]}` installs it; by hand: {plugin.by_hand}"
    return Finding(name, "note", plugin.version, hint=hint)
