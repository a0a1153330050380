"""What every platform of the database offers."""

from dataclasses import dataclass
from typing import Protocol

import pulumi

from components.contract.desired import DesiredState
from components.contract.settings import Settings
from components.foundation import Foundation
from components.host import Host


@dataclass(frozen=True, kw_only=True)
class DatabaseArgs:
    """`environment` names the database, so that one server could hold several."""

    environment: str
    foundation: Foundation
    state: pulumi.Output[DesiredState]
    settings: Settings

    @property
    def host(self) -> Host:
        """Return this machine."""
        return self.foundation.host


class Database(Protocol):
    """`connection` is secret: host, port, name, user, password, owner, owner_password, admin,
    admin_password, all of them text.

    A platform with a pooler has its host in `host`, and that for migrations in `direct_host`; one
    that insists on a way to encrypt says it in `sslmode`, in libpq's words.
    """

    connection: pulumi.Output[dict[str, str]]
