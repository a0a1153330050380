"""The frontend as supervised processes on this machine."""

from typing import ClassVar

from components.contract.release import ServiceName
from components.local_service import LocalService


class LocalFrontend(LocalService):
    """Replicas of the frontend in both slots."""

    TYPE: ClassVar[str] = "slipway:index:Frontend"
    SERVICE: ClassVar[ServiceName] = "frontend"
