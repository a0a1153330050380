"""The rollback plan of a deployment in Markdown, with the values that hold now."""

from automation.reports.facts import Facts
from automation.reports.happened import PlannedStep, WayBackFact
from automation.reports.markdown import bullets, code, page, plain
from automation.reports.reasons import not_observed
from automation.reports.wording import duration


def rollback_plan(facts: Facts) -> str:
    """Return how to go back from this deployment, or why there is no way back."""
    title = f"# Rollback plan: {facts.environment}, deployment {plain(facts.deployment)}"
    if facts.way_back is None:
        return page([title, "", *_without(facts)])
    back = facts.way_back
    return page(
        [
            title,
            "",
            f"Now live: {_live(facts)}.",
            f"Goes back to: release {code(back.release)}, version {plain(back.version)}.",
            *_taken(facts, back),
            *_steps(back),
            *_artifacts(back),
            "",
            "## Triggers and conditions",
            "",
            *bullets([plain(line) for line in back.triggers], "The specification names none."),
            "",
            "## The schema",
            "",
            plain(back.effect),
            *_backup(facts),
            "",
            "## Configuration and secrets",
            "",
            plain(back.configuration or "What becomes of them was not recorded."),
            "",
            "## It succeeded when",
            "",
            *bullets([plain(line) for line in back.criteria], "No criteria were recorded."),
            "",
            f"Time allowed: {_allowed(back)}.",
        ]
    )


def _without(facts: Facts) -> list[str]:
    planned = facts.step("plan")
    if facts.previous is None and planned is not None and planned.status == "passed":
        return ["There is no way back: no release was live before this one."]
    return [f"No way back was secured by this deployment: {plain(not_observed('secure', facts))}."]


def _live(facts: Facts) -> str:
    if facts.live is None:
        return f"not observed ({plain(not_observed('verify', facts))})"
    return f"release {code(facts.live.release)}, version {plain(facts.live.version)}"


def _taken(facts: Facts, back: WayBackFact) -> list[str]:
    if facts.live is None or facts.live.release != back.release:
        return []
    return ["", "The way back was already taken: this release is live again."]


def _steps(back: WayBackFact) -> list[str]:
    steps = back.steps or (PlannedStep(description="Go back", command=back.command),)
    lines = ["", "## Steps", ""]
    for number, step in enumerate(steps, start=1):
        lines += [f"{number}. {plain(step.description)}: {code(step.command)}"]
    if back.procedure:
        lines += ["", "The specification's own procedure:", ""]
        lines += [f"- {plain(line)}" for line in back.procedure]
    return lines


def _artifacts(back: WayBackFact) -> list[str]:
    rows = [f"{service}: {code(path)}" for service, path in sorted(back.artifacts.items())]
    return [
        "",
        "## Artifacts of the previous version",
        "",
        *bullets(rows, "The location of its artifacts was not recorded."),
    ]


def _backup(facts: Facts) -> list[str]:
    if facts.migrations is None:
        return []
    if facts.migrations.backup is None:
        return ["", f"Backup: none ({plain(facts.migrations.no_backup or 'no backup was made')})."]
    return ["", f"Backup made before the migration: {code(facts.migrations.backup)}."]


def _allowed(back: WayBackFact) -> str:
    return "not set" if back.timeout_seconds is None else duration(back.timeout_seconds)
