"""What a rule saw in one statement, before sizes and policy."""

from dataclasses import dataclass

from automation.migrations.lint.estimate import Work


@dataclass(frozen=True, kw_only=True)
class Seen:
    """`rule` is empty where only the work and the lock count, not worth a finding by themselves."""

    rule: str = ""
    table: str | None = None
    mode: str | None = None
    work: Work = "none"
    detail: str = ""
    impossible: bool = False
