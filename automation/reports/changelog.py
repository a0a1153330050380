"""The changelog section of a deployment: the commits between the releases."""

from automation.reports.facts import Facts
from automation.reports.markdown import code, page, plain
from automation.reports.reasons import not_observed


def changelog(facts: Facts) -> str:
    """Return the section in Markdown: what this deployment changed, and how it ended."""
    return page(
        [
            f"## {_version(facts)} ({facts.started_at:%Y-%m-%d}, {facts.environment})",
            "",
            f"Deployment {plain(facts.deployment)} by {plain(facts.deployer)}: {facts.outcome}."
            + (f" {plain(facts.reason)}" if facts.reason else ""),
            "",
            _from(facts),
            "",
            *_commits(facts),
            *_migrations(facts),
        ]
    )


def _version(facts: Facts) -> str:
    return plain(facts.release.version) if facts.release else "Version not known"


def _from(facts: Facts) -> str:
    to = code(facts.release.id) if facts.release else "no release"
    if facts.previous is None:
        return f"Release: {to}; no earlier release is known to this deployment."
    return f"Release: {to}, after {code(facts.previous.id)} ({plain(facts.previous.version)})."


def _commits(facts: Facts) -> list[str]:
    if facts.commits is None:
        reason = facts.reasons.get("changelog") or not_observed("document", facts)
        return [f"The commits between the releases are not known: {plain(reason)}."]
    if not facts.commits:
        return ["No commits between the releases."]
    return [
        f"- {plain(commit.subject)} ({code(commit.id[:12])}"
        f"{', ' + plain(commit.author) if commit.author else ''})"
        for commit in facts.commits
    ]


def _migrations(facts: Facts) -> list[str]:
    if facts.migrations is None or not facts.migrations.applied:
        return []
    revisions = ", ".join(code(revision) for revision in facts.migrations.applied)
    return ["", f"Migrations applied: {revisions}."]
