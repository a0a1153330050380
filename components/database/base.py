"""What every platform of the database offers."""

from dataclasses import dataclass
from typing import Protocol

import pulumi

from components.contract.desired import DesiredState
from components.host import Host


@dataclass(frozen=True, kw_only=True)
class DatabaseArgs:
    """`environment` names the database, so that one server could hold several."""

    environment: str
    host: Host
    state: pulumi.Output[DesiredState]


class Database(Protocol):
    """`connection` is secret: host, port, name, user, password, owner, owner_password, admin,
    admin_password, all of them text."""

    connection: pulumi.Output[dict[str, str]]
