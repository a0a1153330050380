"""The command line: parse the arguments and call one use case."""

from typing import Any

import click

from automation import options
from automation.calling import call
from automation.examples import EPILOG, FREEZE_EXAMPLES, MANIFESTS_EXAMPLES, UNFREEZE_EXAMPLES


@click.group(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name=None, version="0.1.0", prog_name="slipway")
def slipway() -> None:
    """Deploy a full-stack web application, and tell the truth about it."""


@slipway.command()
@options.environment
@options.app
@options.allow_replace
@options.refresh
@options.as_json
def up(**arguments: Any) -> None:
    """Deploy what changed to ENVIRONMENT, verify it, and go back if it fails."""
    call("up", "up", **arguments)


@slipway.command()
@options.environment
@options.app
@options.allow_replace
@options.refresh
@options.as_json
def preview(**arguments: Any) -> None:
    """Show what `up` would change. Builds what changed, touches nothing else."""
    call("preview", "preview", **arguments)


@slipway.command()
@options.environment
@options.drift
@options.as_json
def status(**arguments: Any) -> None:
    """Show what is live, whether it is healthy, and the way back."""
    call("status", "status", **arguments)


@slipway.command()
@options.environment
@options.as_json
def history(**arguments: Any) -> None:
    """List the deployments of ENVIRONMENT, newest first."""
    call("history", "history", **arguments)


@slipway.command()
@options.environment
@click.option("--deployment", help="The deployment's id; the latest where unset.")
@options.as_json
def report(**arguments: Any) -> None:
    """Print the report of a deployment."""
    call("report", "report", **arguments)


@slipway.command()
@options.environment
@options.app
@options.as_json
def validate(**arguments: Any) -> None:
    """Run every check that comes before a deployment."""
    call("checking", "validate", **arguments)


@slipway.command()
@options.environment
@options.app
@options.as_json
def build(**arguments: Any) -> None:
    """Build what changed, and deploy nothing."""
    call("checking", "build", **arguments)


@slipway.command()
@options.environment
@options.as_json
def verify(**arguments: Any) -> None:
    """Verify what is live: health, served release, response times."""
    call("checking", "verify", **arguments)


@slipway.command()
@options.environment
@options.as_json
def smoke(**arguments: Any) -> None:
    """Run the smoke flows against what is live."""
    call("checking", "smoke", **arguments)


@slipway.command()
@options.environment
@click.option("--to", help="A release's id from the history; the previous one where unset.")
@options.database
@click.option("--yes", is_flag=True, help="Lose rows with `--database restore`, as announced.")
@options.allow_replace
@options.refresh
@options.as_json
def rollback(**arguments: Any) -> None:
    """Return to a release that was live before."""
    call("rollback", "rollback", **arguments)


@slipway.command()
@options.environment
@options.pull_request
@click.option("--remove", is_flag=True, help="Remove the preview: the pull request is closed.")
@options.app
@options.as_json
def frontend_preview(**arguments: Any) -> None:
    """Deploy the frontend at Vercel for one pull request, where nobody else sees it."""
    call("frontend_preview", "frontend_preview", **arguments)


@slipway.command(epilog=FREEZE_EXAMPLES)
@options.environment
@click.argument("message")
@options.pending
@options.as_json
def freeze(**arguments: Any) -> None:
    """Let nobody deploy to ENVIRONMENT, for the reason that MESSAGE gives.

    `up` and `destroy` are blocked with it, on every machine; `rollback` stays possible.
    """
    call("freeze", "freeze", **arguments)


@slipway.command(epilog=UNFREEZE_EXAMPLES)
@options.environment
@options.pending
@options.as_json
def unfreeze(**arguments: Any) -> None:
    """Let deployments to ENVIRONMENT go on."""
    call("freeze", "unfreeze", **arguments)


@slipway.command()
@options.environment
@options.yes
@click.option("--yes-destroy-production", "name", help="Name production to destroy it.")
@options.as_json
def destroy(**arguments: Any) -> None:
    """Remove ENVIRONMENT with its database. Backups and reports stay."""
    call("destroy", "destroy", **arguments)


@slipway.command()
@options.existing_app
@click.option("--force", is_flag=True, help="Write over documents that are there.")
@options.as_json
def init(**arguments: Any) -> None:
    """Inspect an application and write its specification documents for review."""
    call("init", "init", **arguments)


@slipway.command()
@options.environment
@click.argument("name")
def secret(**arguments: Any) -> None:
    """Set the secret NAME of ENVIRONMENT: asked for, or read from standard input."""
    call("secret", "secret", **arguments)


@slipway.command()
@options.as_json
def doctor(**arguments: Any) -> None:
    """Show which tools are there, and what is missing."""
    call("doctor", "doctor", **arguments)


@slipway.command(epilog=MANIFESTS_EXAMPLES)
@options.environment
@options.output_folder
@options.app
@options.formats
@options.as_json
def manifests(**arguments: Any) -> None:
    """Write what is declared for ENVIRONMENT for other tools.

    Kubernetes YAML, a Docker Compose file, Terraform configuration, and pipelines. Secrets are
    named in them, and never written.
    """
    call("manifests", "manifests", **arguments)


@slipway.command()
@options.environment
@options.as_json
def env(**arguments: Any) -> None:
    """Print what `pulumi` needs by hand: eval "$(slipway env ENVIRONMENT)"."""
    call("env", "env", **arguments)
