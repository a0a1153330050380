"""The incident of a deployment that failed or went back, in Markdown: for whoever reads it next."""

from automation.reports.cause import failed_gate, failed_step, trigger
from automation.reports.course import TRIGGERS
from automation.reports.facts import Facts
from automation.reports.incident_evidence import evidence, timeline
from automation.reports.markdown import bullets, code, page, plain
from automation.reports.reasons import not_observed
from automation.reports.verdict import READ, recommendations
from automation.reports.wording import duration, verdict


def incident(facts: Facts) -> str:
    """Return what failed, the evidence, the timeline, what was done, what is live, what is open."""
    return page(
        [
            f"# Incident: deployment {plain(facts.deployment)} in {facts.environment}",
            "",
            f"{_verdict(facts)}. Began {facts.started_at:%Y-%m-%d %H:%M:%S %Z}, by "
            f"{plain(facts.deployer)}; took {duration(facts.seconds)}.",
            "The whole account is in [the report](report.html).",
            "",
            "## What failed",
            "",
            *bullets(_failed(facts), "What failed was not recorded."),
            "",
            "## Evidence",
            "",
            *evidence(facts),
            "",
            "## Timeline",
            "",
            *timeline(facts),
            "",
            "## What was done",
            "",
            *_done(facts),
            "",
            "## What is live now",
            "",
            *_live(facts),
            "",
            "## What is open for a person",
            "",
            *bullets(_open(facts), "Nothing that was observed."),
        ]
    )


def _verdict(facts: Facts) -> str:
    if facts.action == "rollback" and facts.outcome == "deployed":
        return "Rolled back by command"
    return verdict(facts)


def _failed(facts: Facts) -> list[str]:
    step, gate = failed_step(facts), failed_gate(facts)
    kind = trigger(facts)
    rows = [f"Trigger: {TRIGGERS[kind]} ({code(kind)})"]
    if reason := facts.reason or (facts.rollback.reason if facts.rollback else ""):
        rows.append(f"Reason: {plain(reason)}")
    if facts.release is not None:
        commit = f", commit {code(facts.release.commit)}" if facts.release.commit else ""
        version = plain(facts.release.version)
        rows.append(f"Release: {code(facts.release.id)}, version {version}{commit}")
    if step is not None:
        rows.append(f"Step: {step.name}, after {duration(step.seconds)}: {plain(step.message)}")
    planned = [each for each in facts.rollout if gate is not None and each.number == gate.step]
    for each in planned:
        of = len(facts.rollout)
        rows.append(f"Step of the rollout: {each.number} of {of}, {plain(each.description)}")
    if gate is not None:
        where = " ".join(part for part in (gate.service, gate.slot) if part)
        share = "" if gate.weight is None else f", which had {gate.weight} % of the traffic"
        looked = f" on {plain(where)}{share}" if where else ""
        rows.append(f"Gate: {plain(gate.gate)}{looked}: {gate.verdict}, {plain(gate.reason)}")
    return rows


def _done(facts: Facts) -> list[str]:
    taken = facts.rollback
    if taken is None and facts.action == "rollback" and facts.outcome == "deployed":
        release = code(facts.release.id) if facts.release else "an older release"
        return [f"{release} was deployed again, through the same steps and gates as before."]
    if taken is None:
        return ["The way back was not taken: nothing was undone by this deployment."]
    lines = [
        f"{number}. {plain(step.description)}: {step.status}"
        + ("" if step.seconds is None else f", {duration(step.seconds)}")
        for number, step in enumerate(taken.steps, start=1)
    ] or ["The single steps of the way back were not recorded."]
    until = "not measured" if taken.traffic_seconds is None else f"{taken.traffic_seconds:.2f} s"
    verified = plain(taken.verified) if taken.verified else "not recorded"
    return [
        *lines,
        "",
        f"- From the failed gate until all traffic was on the old release: {until}",
        f"- All of the way back: {duration(taken.seconds)}",
        f"- Result: {taken.status}",
        f"- Verified: {verified if taken.status == 'success' else 'no'}",
    ]


def _live(facts: Facts) -> list[str]:
    if facts.live is None:
        return [f"Not observed: {plain(not_observed('verify', facts))}."]
    seen = {True: "yes", False: "NO", None: "not observed"}[facts.live.serving]
    rows = [
        f"Release {code(facts.live.release)}, version {plain(facts.live.version)}",
        f"Seen to answer at the public address: {seen}",
        *(
            f"{slot.service} {slot.slot}: {code(slot.release)}, {slot.weight} % of the traffic"
            for slot in facts.live.slots
        ),
    ]
    if facts.migrations is not None:
        rows.append(_schema(facts))
    return [f"- {row}" for row in rows]


def _schema(facts: Facts) -> str:
    migrations = facts.migrations
    assert migrations is not None
    backup = f"backup {code(migrations.backup)}" if migrations.backup else "no backup"
    restored = ", restored from the backup" if migrations.restored else ""
    restored += f", {plain(migrations.returned)}" if migrations.returned else ""
    head = code(migrations.head) if migrations.head else "an unknown revision"
    return f"Schema: {head}{restored}; {len(migrations.applied)} migrations applied, {backup}"


def _open(facts: Facts) -> list[str]:
    rows = [plain(line) for line in recommendations(facts).immediate if line != READ]
    status = code(f"./slipway status {facts.environment}")
    if facts.rollback is not None and facts.rollback.status == "failed":
        rows.append(f"The old release was not seen to serve again: look with {status}")
    if facts.live is None:
        rows.append(f"What is live was not observed: look with {status}")
    if facts.action == "rollback" and facts.outcome == "deployed":
        rows.append("Say here why it was necessary: the reason was not given")
    if facts.action == "deploy" and facts.outcome == "deployed":
        return rows
    again = code(f"./slipway up {facts.environment}")
    return [*rows, f"Mend the cause, then deploy again: {again}"]
