"""Arguments and options that several commands take."""

from pathlib import Path

import click

environment = click.argument("environment")
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
app = click.option(
    "--app",
    "app",
    type=click.Path(path_type=Path),
    help="The application's folder, instead of slipway:application.",
)
yes = click.option("--yes", is_flag=True, help="Do not ask.")
allow_replace = click.option(
    "--allow-replace",
    "allowed",
    multiple=True,
    metavar="NAME",
    help="A resource with state that may be replaced or deleted; may be given again.",
)
refresh = click.option(
    "--refresh/--no-refresh",
    default=True,
    help="Ask clouds first what is there, and bring back what was changed behind our back.",
)
