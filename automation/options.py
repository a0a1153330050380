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
pending = click.option("--yes", is_flag=True, help="Apply what else differs, without gates.")
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
existing_app = click.option(
    "--app",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="The application's folder.",
)
database = click.option(
    "--database",
    type=click.Choice(["keep", "downgrade", "restore"]),
    help="What becomes of the schema; unset, what is proven to be safe.",
)
pull_request = click.option(
    "--pull-request", type=click.IntRange(min=1), required=True, help="The pull request's number."
)
output_folder = click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder that the files are written to.",
)
formats = click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(["kubernetes", "compose", "terraform", "pipeline"]),
    help="What to write; may be given again. Unset, everything.",
)
drift = click.option(
    "--drift", is_flag=True, help="Ask what is there, clouds too, and show what `up` would mend."
)
