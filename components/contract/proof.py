"""What rehearsals have proven of releases and schemas."""

from components.contract.base import Contract


class SchemaProof(Contract):
    """Whether a release tolerates the schema at an Alembic revision, as a rehearsal showed.

    `tolerated` is None where it could not be seen; `at` is ISO 8601 in UTC.
    """

    release: str
    head: str
    tolerated: bool | None
    reason: str
    at: str
