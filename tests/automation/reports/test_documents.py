import json
from pathlib import Path

import yaml

from automation.reports import checklist_items as items
from automation.reports.alert_rules import alert_rules
from automation.reports.changelog import changelog
from automation.reports.checklist_evidence import BY_CATEGORY, BY_RULE
from automation.reports.checklists import (
    monitoring_checklist,
    post_deployment_checklist,
    pre_deployment_checklist,
)
from automation.reports.configured import ConfigurationFact, VariableFact
from automation.reports.dashboard import dashboard
from automation.reports.environment_file import environment_text, secrets_text
from automation.reports.rollback_plan import rollback_plan
from automation.reports.runbook import runbook
from automation.specification.models import Thresholds
from components.contract.alerting import promql
from components.contract.alerting.rules import RULES
from tests.automation.reports import examples


def boxes(text):
    return [line[2:5] for line in text.splitlines() if line.startswith("- [")]


def test_nothing_is_ticked_without_evidence():
    facts = examples.Facts(
        deployment="d", environment="staging", deployer="ada", started_at=examples.STARTED
    )

    for render in (pre_deployment_checklist, post_deployment_checklist, monitoring_checklist):
        assert set(boxes(render(facts))) == {"[ ]"}


def test_items_are_marked_by_what_was_observed():
    text = pre_deployment_checklist(examples.blocked())

    assert (
        "- [x] All required environment variables are defined. "
        "Seen: variables: 12 of 12 are defined" in text
    )
    assert "- [-] Code review is approved. Skipped: code review: no review system" in text
    assert "- [ ] Secrets are available and accessible. Failed: secrets: SMTP" in text
    assert "- [ ] Dependencies are up-to-date and secure. Not observed: step validate" in text


def test_one_failed_flow_unticks_what_the_others_showed():
    passed = post_deployment_checklist(examples.deployed())
    failed = post_deployment_checklist(examples.rolled_back())

    assert "- [x] Core user flows work" in passed
    assert "- [x] Critical user paths. Seen: log in: passed; tasks: passed" in passed
    assert "- [ ] Core user flows work. Failed: tasks: exp" in failed
    assert "- [ ] Critical user paths. Failed: tasks: expected 201, got 500" in failed


def test_the_checklists_hold_every_item():
    facts = examples.deployed()

    assert len(boxes(pre_deployment_checklist(facts))) == 16
    assert len(boxes(post_deployment_checklist(facts))) == 17 + 13
    assert len(boxes(monitoring_checklist(facts))) == 13
    assert len(items.KEYS) == 16 + 30 + 13


def test_evidence_points_at_items_that_exist():
    named = {item for some in BY_CATEGORY.values() for item in some} | set(BY_RULE.values())

    assert named <= items.KEYS
    drawn = promql.groups(Thresholds(), promql.Where("", ""))
    names = {*promql.names(drawn), *(rule.name for rule in RULES.values())}
    assert names == set(BY_RULE)


def test_each_item_is_looked_at_or_says_why_nobody_does():
    own = Path(items.__file__)
    sources = [path.read_text() for path in own.parents[1].rglob("*.py") if path != own]
    nobody = {key for key in items.KEYS if not any(f'"{key}"' in text for text in sources)}

    assert nobody <= set(items.UNSEEN)
    assert set(items.UNSEEN) <= items.KEYS
    reason = items.UNSEEN["tracing"]
    assert f"Distributed tracing. Not observed: {reason}" in monitoring_checklist(
        examples.deployed()
    )


def test_the_rollback_plan_has_real_values():
    text = rollback_plan(examples.deployed())

    for part in (
        "Goes back to: release `r-old`, version 1.0.0.",
        "1. Return the traffic: `./slipway rollback development`",
        "- backend: `artifacts/old-backend`",
        "- error rate above 5 %",
        "The schema stays at 0003",
        "`backup-42.dump`",
        "Time allowed: 1 min 30 s.",
    ):
        assert part in text


def test_a_first_release_has_no_way_back_and_the_plan_says_so():
    facts = examples.deployed()
    facts.previous = facts.way_back = None

    assert "There is no way back: no release was live before this one." in rollback_plan(facts)
    assert "step secure was not reached" in rollback_plan(examples.blocked())


def test_the_changelog_lists_the_commits_between_the_releases():
    facts = examples.deployed()

    assert "## 1.1.0 (2026-03-04, development)" in changelog(facts)
    assert "- Sort tasks \\<by\\> date (`bbbbbbbbbbbb`, Ada)" in changelog(facts)
    facts.commits = []
    assert "No commits between the releases." in changelog(facts)
    facts.commits = None
    assert "are not known: step document did not observe it" in changelog(facts)


def test_the_runbook_names_addresses_logs_commands_and_owner():
    facts = examples.deployed()
    facts.logs = {"backend": "run/backend.log"}

    text = runbook(facts)

    assert "Owner: team-todo." in text
    assert "- public: <https://todo.localhost:8443>" in text
    assert "- backend: `run/backend.log`" in text
    assert "- Go back: `./slipway rollback development`" in text


def test_the_environment_file_holds_references_in_place_of_secrets():
    configuration = examples.deployed().configuration

    text = environment_text(configuration, "development")

    assert "\nLOG_LEVEL=info\n" in text
    assert "\nDATABASE_URL='${database.url}'\n" in text
    assert "SECRET_KEY  generated  stack output secrets.SECRET_KEY\n" in secrets_text(
        configuration, "development"
    )


def test_values_are_quoted_so_that_nothing_expands_them():
    def line(value):
        fact = VariableFact(name="X", service="backend", value=value, reference="")
        configuration = ConfigurationFact(variables=(fact,), secrets=(), file=None)
        return environment_text(configuration, "staging").split("# backend\n")[1]

    assert line("a b#c $HOME") == "X='a b#c $HOME'\n"
    assert line("it's $5") == 'X="it\'s \\$5"\n'
    assert line("two\nlines") == 'X="two\\nlines"\n'
    assert line("") == "X=\n"


def test_alert_rules_carry_the_specifications_thresholds():
    text = alert_rules(Thresholds(p95_milliseconds=250, cpu_minutes=3), "todo", "staging")

    rules = {
        rule["alert"]: rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]
    }
    assert rules["HighLatencyP95"]["expr"].endswith("> 0.25")
    assert rules["EnvoyHighLatencyP95"]["expr"].endswith("> 250")
    assert rules["HighCpuHost"]["for"] == "3m"
    assert '{app="todo",env="staging",status=~"5.."}' in rules["HighErrorRate"]["expr"]
    assert {name: rule["labels"]["severity"] for name, rule in rules.items()} == {
        "HighErrorRate": "critical",
        "HighLatencyP95": "high",
        "DbPoolSaturated": "high",
        "EnvoyHighErrorRate": "critical",
        "EnvoyHighLatencyP95": "high",
        "HighCpuHost": "medium",
        "HighCpuContainer": "medium",
        "HighMemoryHost": "medium",
        "HighMemoryContainer": "medium",
    }


def test_the_dashboard_draws_each_threshold():
    panels = json.loads(dashboard(Thresholds(), "todo", "staging"))["panels"]

    limits = [
        step["value"]
        for panel in panels
        for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
        if step["value"] is not None
    ]
    assert limits == [5.0, 1000.0, 90.0, 80.0, 85.0]
    assert len({panel["id"] for panel in panels}) == len(panels) == 6
