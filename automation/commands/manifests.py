"""`slipway manifests`: write the declared resources for other tools."""

from importlib import import_module
from pathlib import Path

from automation.commands.output import Output
from automation.environments import check_environment
from automation.errors import InvalidInput
from automation.manifests import FORMATS
from automation.manifests.declared import Plan, declared
from automation.manifests.target import target
from components.contract.files import replace


def manifests(
    environment: str, folder: Path, app: Path | None, formats: tuple[str, ...], as_json: bool
) -> int:
    """Write the files of the chosen formats, all where none is chosen, and return 0.

    They describe what is live, or the first release where nothing is. Raise InvalidInput where
    the environment has nothing that one of them could say.
    """
    check_environment(environment)
    out = Output(as_json)
    file, state = target(environment, out, app)
    plan = declared(environment, file.settings, state, file.given)
    chosen = formats or tuple(FORMATS)
    written = {name: rendered(plan, name) for name in chosen}
    empty = [name for name, content in written.items() if not content]
    if formats and empty:
        raise InvalidInput(
            f"{environment} declares nothing that {', '.join(empty)} could run: its backend is on "
            f"{file.settings.backend_platform}",
            hint="Choose an environment whose backend is in a cluster, such as staging.",
        )
    for content in written.values():
        _write(folder, content)
    if as_json:
        out.data(
            {
                "environment": environment,
                "folder": str(folder.resolve()),
                "files": {name: sorted(content) for name, content in written.items()},
            }
        )
        return 0
    for name, content in written.items():
        what = f"{len(content)} files" if content else "nothing: no such resource is declared"
        out.text(f"{name}: {what}")
        for each in sorted(content):
            out.text(f"  {folder / each}")
    return 0


def _write(folder: Path, content: dict[str, str]) -> None:
    for name, text in content.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, text)


def rendered(plan: Plan, name: str) -> dict[str, str]:
    """Return the files of one format by their paths."""
    module, function = FORMATS[name].split(":")
    found: dict[str, str] = getattr(import_module(module), function)(plan)
    return found
