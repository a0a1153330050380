"""What goes in and out of the API."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
    ),
]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Priority = Annotated[int, Field(ge=0, le=2)]


class Registration(BaseModel):
    email: Email
    password: Annotated[str, StringConstraints(min_length=8, max_length=128)]


class Credentials(BaseModel):
    email: Email
    password: Annotated[str, StringConstraints(max_length=128)]


class RefreshRequest(BaseModel):
    refresh_token: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Tokens(BaseModel):
    access_token: str
    refresh_token: str
    token_type: str = "bearer"
    expires_in: int


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    email: str
    created_at: datetime


class NewTask(BaseModel):
    title: Title
    done: bool = False
    priority: Priority = 0


class TaskChange(BaseModel):
    """A field that is absent or null stays as it is."""

    title: Title | None = None
    done: bool | None = None
    priority: Priority | None = None


class TaskOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    title: str
    done: bool
    priority: int
    created_at: datetime
    updated_at: datetime
