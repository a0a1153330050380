"""Whatever a person can name is documented."""

import re

import pytest

from automation import errors
from automation.cli import slipway
from automation.deployment import CHANGE
from automation.evaluators import EVALUATORS
from automation.gates import GATES
from automation.home import PROJECT
from automation.metrics import SOURCES
from automation.preparing import PREPARE
from automation.reports.write import OF_FACTS
from automation.strategies import STRATEGIES
from components.contract import outputs
from components.contract.alerting import promql
from components.contract.alerting.rules import RULES, RUNBOOK, Limits
from components.contract.names import ENVIRONMENTS
from components.contract.platforms import REGISTRIES
from components.contract.references import PROVIDED
from components.contract.settings_file import keys
from tests.docs.pages import PAGES, text

PLATFORMS = {
    re.sub(r"_(.)", lambda found: found[1].upper(), f"{concern}_platform"): registry
    for concern, registry in REGISTRIES.items()
}

ALERTS = {
    *(rule.name for rule in RULES.values()),
    *promql.names(promql.groups(Limits(), promql.Where("", ""))),
}
"""What an alert may be called, whoever evaluates it."""


def exit_codes() -> set[int]:
    """Return every exit code that the command line's errors can lead to, and the others."""
    classes = [each for each in vars(errors).values() if isinstance(each, type)]
    raised = {each.exit_code for each in classes if issubclass(each, errors.SlipwayError)}
    return {*raised, 0, 2, 70}


@pytest.mark.parametrize("code", sorted(exit_codes()))
def test_an_exit_code_is_in_the_runbook(code: int):
    assert f"| `{code}` |" in text("docs/runbook.md")


@pytest.mark.parametrize("key", keys())
def test_a_key_of_the_configuration_is_documented(key: str):
    assert f"`slipway:{key}`" in text("docs/configuration.md")


@pytest.mark.parametrize("command", slipway.commands)
def test_a_command_and_its_options_are_documented(command: str):
    page = text("docs/cli.md")

    assert f"## {command}\n" in page
    for parameter in slipway.commands[command].params:
        names = [name for name in parameter.opts if name.startswith("-")]
        assert all(f"`{name}" in page or f", {name} " in page for name in names)


@pytest.mark.parametrize("reference", PROVIDED)
def test_a_reference_is_documented(reference: str):
    assert f"`${{{reference}}}`" in text("docs/specification.md")


@pytest.mark.parametrize("key", PLATFORMS)
def test_each_platform_has_a_row(key: str):
    rows = re.findall(
        rf"^\|[^|]+\| `slipway:{key}` \| `(\w+)` \|", text("docs/platforms/README.md"), re.MULTILINE
    )

    assert rows == list(PLATFORMS[key])


def test_every_registry_of_platforms_has_its_key_in_the_configuration():
    assert set(PLATFORMS) <= set(keys())


@pytest.mark.parametrize(
    ("name", "page"),
    [
        *((name, "docs/architecture.md") for name in STRATEGIES),
        *((name, "README.md") for name in STRATEGIES),
        *((name, "docs/gates.md") for name in (*GATES, *SOURCES)),
        *((name, "docs/monitoring.md") for name in (*EVALUATORS, *sorted(ALERTS))),
        *((name, "docs/configuration.md") for name in ENVIRONMENTS),
        *((name, "docs/architecture.md") for name, _ in (*PREPARE, *CHANGE)),
        (outputs.HOME_VARIABLE, "docs/configuration.md"),
        (outputs.DESIRED_STATE_VARIABLE, "docs/configuration.md"),
        (outputs.SLOT_HEADER, "docs/platforms/local.md"),
        (outputs.RELEASE_HEADER, "docs/platforms/local.md"),
    ],
)
def test_a_name_is_on_its_page(name: str, page: str):
    assert f"`{name}`" in text(page)


def test_the_section_that_an_alert_names_says_what_to_do_about_each():
    page, _, heading = RUNBOOK.partition(", ")
    section = text(page).split(f"\n## {heading}\n")[1].split("\n## ")[0]

    assert {name for name in ALERTS if f"`{name}`" in section} == ALERTS


@pytest.mark.parametrize("file", OF_FACTS)
def test_a_document_of_a_deployment_is_described(file: str):
    shown = re.sub(r"checklists/.*", "checklists/*.md", file)

    assert f"`{shown}`" in text("docs/report.md")


def test_every_target_of_make_has_a_row():
    targets = re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE)

    assert [name for name in targets if f"`make {name}`" not in text("docs/cli.md")] == ["help"]


def test_every_page_can_be_reached_from_the_readme():
    seen, ahead = set(), ["README.md"]
    while ahead:
        page = ahead.pop()
        seen.add(page)
        for target in re.findall(r"\]\(([^)#\s]+\.md)", text(page)):
            path = (PROJECT / page).parent.joinpath(target).resolve().relative_to(PROJECT)
            if path.as_posix() not in seen:
                ahead.append(path.as_posix())

    assert set(PAGES) <= seen


def test_the_readme_fits_a_screen_and_a_half():
    assert len(text("README.md").splitlines()) <= 120
