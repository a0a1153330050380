"""The three checklists, filled in from what was observed.

`[x]` was seen to hold, `[ ]` was seen not to hold or was not looked at, `[-]` was skipped. No
item is ticked without evidence, which stands beside it.
"""

from collections.abc import Sequence
from typing import Final

from automation.reports.checklist_evidence import Seen, evidence_for
from automation.reports.checklist_items import (
    MONITORING,
    POST_DEPLOYMENT,
    PRE_DEPLOYMENT,
    UNSEEN,
    Items,
)
from automation.reports.facts import Facts
from automation.reports.markdown import page, plain
from automation.reports.observed import StepName
from automation.reports.reasons import not_observed

MOST_EVIDENCE: Final = 4


def pre_deployment_checklist(facts: Facts) -> str:
    """Return the pre-deployment checklist in Markdown."""
    return _checklist("Pre-deployment checklist", PRE_DEPLOYMENT, "validate", facts)


def post_deployment_checklist(facts: Facts) -> str:
    """Return the post-deployment verification checklist in Markdown."""
    return _checklist("Post-deployment verification checklist", POST_DEPLOYMENT, "verify", facts)


def monitoring_checklist(facts: Facts) -> str:
    """Return the monitoring and alerting checklist in Markdown."""
    return _checklist("Monitoring and alerting checklist", MONITORING, "watch", facts)


def _checklist(title: str, items: Items, step: StepName, facts: Facts) -> str:
    found = evidence_for(facts)
    lines = [f"# {title}", "", f"{facts.environment}, deployment {plain(facts.deployment)}"]
    for group, entries in items.items():
        lines += ["", f"## {group}", ""]
        for key, text in entries.items():
            lines.append(_line(key, text, found.get(key, []), not_observed(step, facts)))
    return page(lines)


def _line(key: str, text: str, seen: Sequence[Seen], missing: str) -> str:
    if not seen:
        return f"- [ ] {text}. Not observed: {plain(UNSEEN.get(key, missing))}"
    failed = [one for one in seen if one.status == "failed"]
    passed = [one for one in seen if one.status == "passed"]
    skipped = [one for one in seen if one.status == "skipped"]
    if failed:
        return f"- [ ] {text}. Failed: {_told(failed)}"
    if not passed:
        return f"- [-] {text}. Skipped: {_told(skipped)}"
    rest = f"; skipped: {_told(skipped)}" if skipped else ""
    return f"- [x] {text}. Seen: {_told(passed)}{rest}"


def _told(seen: Sequence[Seen]) -> str:
    told = "; ".join(plain(one.text) for one in seen[:MOST_EVIDENCE])
    more = len(seen) - MOST_EVIDENCE
    return f"{told}; and {more} more" if more > 0 else told
