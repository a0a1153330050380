"""The backend as supervised processes on this machine."""

from typing import ClassVar

from components.contract.release import ServiceName
from components.local_service import LocalService


class LocalBackend(LocalService):
    """Replicas of the backend in both slots."""

    TYPE: ClassVar[str] = "slipway:index:Backend"
    SERVICE: ClassVar[ServiceName] = "backend"
