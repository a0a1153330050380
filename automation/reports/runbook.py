"""The runbook page of an environment: addresses, logs, commands, owner."""

from automation.reports.facts import Facts
from automation.reports.markdown import bullets, code, page, plain
from automation.reports.reasons import not_observed


def runbook(facts: Facts) -> str:
    """Return the page in Markdown, as the last deployment left the environment."""
    return page(
        [
            f"# Runbook: {plain(facts.application or 'application')} in {facts.environment}",
            "",
            f"As deployment {plain(facts.deployment)} left it on {facts.started_at:%Y-%m-%d %H:%M}"
            f" {facts.started_at:%Z}: {facts.outcome}.",
            f"Owner: {plain(facts.owner) if facts.owner else 'not recorded'}.",
            "",
            "## What is live",
            "",
            *_live(facts),
            "",
            "## Addresses",
            "",
            *bullets(_addresses(facts), "None was observed by this deployment."),
            "",
            "## Logs",
            "",
            *bullets(
                [f"{plain(name)}: {code(path)}" for name, path in facts.logs.items()],
                "None was recorded by this deployment.",
            ),
            "",
            "## Commands",
            "",
            *_commands(facts),
        ]
    )


def _live(facts: Facts) -> list[str]:
    if facts.live is None:
        return [f"Not observed: {plain(not_observed('verify', facts))}."]
    return [
        f"Release {code(facts.live.release)}, version {plain(facts.live.version)}.",
        "",
        *(
            f"- {slot.service}, slot {slot.slot}: {code(slot.release)}, {slot.weight} % of the"
            " traffic"
            for slot in facts.live.slots
        ),
    ]


def _addresses(facts: Facts) -> list[str]:
    rows = [f"public: <{facts.live.url}>"] if facts.live and facts.live.url else []
    for service, fact in facts.services.items():
        rows += [f"{service}: <{fact.url}>"] if fact.url else []
        rows += [f"{service}, health: <{fact.health_url}>"] if fact.health_url else []
    dashboards = facts.monitoring.dashboards if facts.monitoring else ()
    return rows + [f"dashboard: <{dashboard}>" for dashboard in dashboards]


def _commands(facts: Facts) -> list[str]:
    name = facts.environment
    rows = {
        "What is live, and is it healthy": f"./slipway status {name}",
        "What happened before": f"./slipway history {name}",
        "The last report": f"./slipway report {name}",
        "Check it again": f"./slipway verify {name}",
        "Deploy": f"./slipway up {name}",
    }
    if facts.way_back is not None:
        rows["Go back"] = facts.way_back.command
    return [f"- {what}: {code(command)}" for what, command in rows.items()]
