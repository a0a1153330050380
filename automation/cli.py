"""The command line: parse the arguments and call one use case."""

from pathlib import Path
from typing import Any

import click

from automation.examples import EPILOG, FREEZE_EXAMPLES, UNFREEZE_EXAMPLES
from automation.options import allow_replace, app, as_json, environment, refresh, yes


@click.group(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name=None, version="0.1.0", prog_name="slipway")
def slipway() -> None:
    """Deploy a full-stack web application, and tell the truth about it."""


def _command(module: str, function: str, **arguments: Any) -> None:
    """Call a use case. Imported only now: `--help` must not wait for the engine's SDK."""
    import importlib

    if "environment" in arguments:
        from automation import leftovers
        from automation.home import Home

        leftovers.sign(Home.locate().environment(arguments["environment"]))
    code = getattr(importlib.import_module(f"automation.commands.{module}"), function)(**arguments)
    if code:
        raise SystemExit(code)


@slipway.command()
@environment
@app
@allow_replace
@refresh
@as_json
def up(**arguments: Any) -> None:
    """Deploy what changed to ENVIRONMENT, verify it, and go back if it fails."""
    _command("up", "up", **arguments)


@slipway.command()
@environment
@app
@allow_replace
@refresh
@as_json
def preview(**arguments: Any) -> None:
    """Show what `up` would change. Builds what changed, touches nothing else."""
    _command("preview", "preview", **arguments)


@slipway.command()
@environment
@as_json
def status(**arguments: Any) -> None:
    """Show what is live, whether it is healthy, and the way back."""
    _command("status", "status", **arguments)


@slipway.command()
@environment
@as_json
def history(**arguments: Any) -> None:
    """List the deployments of ENVIRONMENT, newest first."""
    _command("history", "history", **arguments)


@slipway.command()
@environment
@click.option("--deployment", help="The deployment's id; the latest where unset.")
@as_json
def report(**arguments: Any) -> None:
    """Print the report of a deployment."""
    _command("report", "report", **arguments)


@slipway.command()
@environment
@app
@as_json
def validate(**arguments: Any) -> None:
    """Run every check that comes before a deployment."""
    _command("checking", "validate", **arguments)


@slipway.command()
@environment
@app
@as_json
def build(**arguments: Any) -> None:
    """Build what changed, and deploy nothing."""
    _command("checking", "build", **arguments)


@slipway.command()
@environment
@as_json
def verify(**arguments: Any) -> None:
    """Verify what is live: health, served release, response times."""
    _command("checking", "verify", **arguments)


@slipway.command()
@environment
@as_json
def smoke(**arguments: Any) -> None:
    """Run the smoke flows against what is live."""
    _command("checking", "smoke", **arguments)


@slipway.command()
@environment
@click.option("--to", help="A release's id from the history; the previous one where unset.")
@click.option(
    "--database",
    type=click.Choice(["keep", "downgrade", "restore"]),
    help="What becomes of the schema; unset, what is proven to be safe.",
)
@click.option("--yes", is_flag=True, help="Lose rows with `--database restore`, as announced.")
@allow_replace
@refresh
@as_json
def rollback(**arguments: Any) -> None:
    """Return to a release that was live before."""
    _command("rollback", "rollback", **arguments)


@slipway.command(epilog=FREEZE_EXAMPLES)
@environment
@click.argument("message")
@as_json
def freeze(**arguments: Any) -> None:
    """Let nobody deploy to ENVIRONMENT, for the reason that MESSAGE gives.

    `up` and `destroy` are blocked with it, on every machine; `rollback` stays possible.
    """
    _command("freeze", "freeze", **arguments)


@slipway.command(epilog=UNFREEZE_EXAMPLES)
@environment
@as_json
def unfreeze(**arguments: Any) -> None:
    """Let deployments to ENVIRONMENT go on."""
    _command("freeze", "unfreeze", **arguments)


@slipway.command()
@environment
@yes
@click.option("--yes-destroy-production", "name", help="Name production to destroy it.")
@as_json
def destroy(**arguments: Any) -> None:
    """Remove ENVIRONMENT with all its data."""
    _command("destroy", "destroy", **arguments)


@slipway.command()
@click.option(
    "--app",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="The application's folder.",
)
@click.option("--force", is_flag=True, help="Write over documents that are there.")
@as_json
def init(**arguments: Any) -> None:
    """Inspect an application and write its specification documents for review."""
    _command("init", "init", **arguments)


@slipway.command()
@environment
@click.argument("name")
def secret(**arguments: Any) -> None:
    """Set the secret NAME of ENVIRONMENT: asked for, or read from standard input."""
    _command("secret", "secret", **arguments)


@slipway.command()
@as_json
def doctor(**arguments: Any) -> None:
    """Show which tools are there, and what is missing."""
    _command("doctor", "doctor", **arguments)


@slipway.command()
@environment
@as_json
def env(**arguments: Any) -> None:
    """Print what `pulumi` needs by hand: eval "$(slipway env ENVIRONMENT)"."""
    _command("env", "env", **arguments)
