"""Which alert rules whoever evaluates them has, and whom that would tell."""

from collections.abc import Mapping
from typing import Any

from automation.context import Context
from automation.evaluators import EVALUATORS
from automation.evaluators.base import NotEvaluated
from automation.polling import wait_until
from automation.probes.client import direct_client
from automation.reports.happened import MonitoringFact
from components.contract import outputs

LOADED_SECONDS = 60.0
"""How long an operator may take to load rules that were changed."""
ENABLED = "monitoring_setup.alerting_enabled"


def seen(context: Context, *, enabled: bool) -> tuple[MonitoringFact, str]:
    """Return what is in place, as it was seen, and that in words.

    Alerts are enabled where each rule was seen to be evaluated and there is a channel. A channel
    is not proven: nobody is sent a message to see whether it arrives.
    """
    declared: dict[str, Any] = context.outputs[outputs.MONITORING]
    rules, channels = declared.get("rules", ()), declared.get("channels", ())
    states, trouble = _loaded(context, declared)
    missing = [rule for rule in rules if rule not in states]
    if missing and trouble is None:
        trouble = f"{declared['platform']} does not have {', '.join(missing)}"
    if trouble is None and not channels:
        trouble = "no channel is configured: nobody would be told"
    _explain(context, declared, trouble)
    fact = MonitoringFact(
        enabled=enabled,
        alerting=trouble is None,
        dashboards=tuple(declared.get("dashboards", ())),
        rules=tuple(rule for rule in rules if rule in states),
    )
    return fact, f"{len(fact.rules)} of {len(rules)} alert rules at {declared['platform']}"


def _loaded(context: Context, declared: Mapping[str, Any]) -> tuple[Mapping[str, str], str | None]:
    wanted = set(declared.get("rules", ()))

    def look() -> Mapping[str, str] | NotEvaluated:
        try:
            return evaluator.loaded(declared["prefix"], wanted)
        except NotEvaluated as error:
            return error

    with direct_client() as direct:
        evaluator = EVALUATORS[declared["platform"]](declared["address"], direct)
        found = wait_until(
            look,
            # Who does not answer now does not do so in a minute: the deployment is over.
            accept=lambda known: isinstance(known, NotEvaluated) or wanted <= set(known),
            deadline=context.clock.time() + LOADED_SECONDS,
            clock=context.clock,
            every=2.0,
        )
    return ({}, str(found)) if isinstance(found, NotEvaluated) else (found, None)


def _explain(context: Context, declared: Mapping[str, Any], trouble: str | None) -> None:
    notes = context.facts.short_term
    if trouble is not None:
        context.facts.explain(ENABLED, trouble)
        notes.append(f"Alerts: {trouble}.")
    if channels := declared.get("channels"):
        notes.append(f"Send a test alert to {', '.join(channels)}: that one arrives is not proven.")
    if blind := declared.get("blind"):
        notes.append(
            f"{', '.join(blind)} has no numbers until the application provides them: see "
            "docs/monitoring.md."
        )
