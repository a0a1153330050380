"""Smoke flows: what is tried as a user after a deployment."""

from typing import Literal

from pydantic import Field, model_validator

from automation.specification.base import Document


class Expect(Document):
    """What a response must be: `json` maps JMESPath expressions to expected values."""

    status: int | tuple[int, ...] = 200
    json_: dict[str, object] = Field(default_factory=dict, alias="json")
    headers: dict[str, str] = Field(default_factory=dict)
    contains: str | None = None


class Step(Document):
    """One request through the public address, or one query of the database.

    Values may hold `${unique}` (new in every run), `${USER.email}`, `${USER.password}` for each
    of the flow's users, and whatever an earlier step extracted. `as_user` chooses whose cookies
    are sent and whose extracted values are seen first.
    """

    request: str | None = None
    as_user: str | None = Field(default=None, alias="as")
    headers: dict[str, str] = Field(default_factory=dict)
    json_: object | None = Field(default=None, alias="json")
    form: dict[str, str] | None = None
    expect: Expect = Expect()
    extract: dict[str, str] = Field(default_factory=dict)
    query: str | None = None
    rows: tuple[tuple[object, ...], ...] | None = None

    @model_validator(mode="after")
    def _asks_one_thing(self) -> "Step":
        if (self.request is None) == (self.query is None):
            raise ValueError("a step has either `request` (METHOD /path) or `query` (SQL)")
        if self.request is not None and len(self.request.split(" ")) != 2:
            raise ValueError(f"request: expected `METHOD /path`, got {self.request!r}")
        if self.query is not None and self.rows is None:
            raise ValueError("a query needs `rows`, the rows that it must return")
        return self


Category = Literal[
    "authentication",
    "crud_operations",
    "multi_user_isolation",
    "error_handling",
    "data_consistency",
    "integration",
    "pages",
]
Severity = Literal["critical", "high", "medium", "low"]


class Flow(Document):
    """A smoke flow. A failed one of severity critical or high is a reason to roll back."""

    name: str
    category: Category
    severity: Severity = "critical"
    users: tuple[str, ...] = ("alice",)
    steps: tuple[Step, ...] = Field(min_length=1)
