"""What Neon keeps, and how its API shows it."""

import secrets
import string
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tests.doubles.neon.cluster import DIRECT, POOLED, Cluster

Json = dict[str, Any]
TERMINAL = frozenset({"finished", "skipped", "cancelled", "failed", "error"})
WORDS = ("still", "wispy", "spring", "silent", "late", "meadow", "term", "smoke", "frog", "leaf")


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def identity(prefix: str) -> str:
    words = "-".join(secrets.choice(WORDS) for _ in range(2))
    return f"{prefix}{words}-{secrets.randbelow(10**8):08d}"


def password() -> str:
    letters = string.ascii_letters + string.digits
    return "npg_" + "".join(secrets.choice(letters) for _ in range(12))


@dataclass
class Operation:
    project_id: str
    action: str
    branch_id: str | None = None
    status: str = "scheduling"
    error: str | None = None
    failures_count: int = 0
    id: str = field(default_factory=lambda: str(uuid4()))
    created_at: str = field(default_factory=now)
    updated_at: str = field(default_factory=now)

    def move(self, status: str) -> None:
        self.status, self.updated_at = status, now()

    def json(self) -> Json:
        shown = {k: v for k, v in vars(self).items() if v is not None}
        return {**shown, "total_duration_ms": 0}


@dataclass
class Role:
    branch_id: str
    name: str
    password: str = field(default_factory=password)
    protected: bool = False
    created_at: str = field(default_factory=now)
    updated_at: str = field(default_factory=now)

    def json(self, *, revealed: bool = False) -> Json:
        shown = dict(vars(self))
        if not revealed:
            del shown["password"]
        return {**shown, "authentication_method": "password"}


@dataclass
class Database:
    branch_id: str
    name: str
    owner_name: str
    id: int = field(default_factory=lambda: secrets.randbelow(10**8))
    created_at: str = field(default_factory=now)
    updated_at: str = field(default_factory=now)

    def json(self) -> Json:
        return dict(vars(self))


@dataclass
class Branch:
    project_id: str
    name: str
    cluster: Cluster
    parent_id: str | None = None
    parent_lsn: str | None = None
    parent_timestamp: str | None = None
    default: bool = False
    protected: bool = False
    expires_at: str | None = None
    current_state: str = "init"
    roles: dict[str, Role] = field(default_factory=dict)
    databases: dict[str, Database] = field(default_factory=dict)
    id: str = field(default_factory=lambda: identity("br-"))
    created_at: str = field(default_factory=now)
    updated_at: str = field(default_factory=now)

    def json(self) -> Json:
        hidden = ("cluster", "roles", "databases")
        shown = {k: v for k, v in vars(self).items() if k not in hidden and v is not None}
        used = dict.fromkeys(
            ("cpu_used_sec", "compute_time_seconds", "active_time_seconds"), 0
        ) | dict.fromkeys(("written_data_bytes", "data_transfer_bytes"), 0)
        return {
            **shown,
            **used,
            "primary": self.default,
            "creation_source": "console",
            "init_source": "parent-data",
            "state_changed_at": self.updated_at,
        }


@dataclass
class Endpoint:
    project_id: str
    branch_id: str
    region_id: str
    type: str = "read_write"
    autoscaling_limit_min_cu: float = 0.25
    autoscaling_limit_max_cu: float = 0.25
    suspend_timeout_seconds: int = 0
    settings: Json = field(default_factory=dict)
    name: str | None = None
    disabled: bool = False
    current_state: str = "init"
    id: str = field(default_factory=lambda: identity("ep-"))
    created_at: str = field(default_factory=now)
    updated_at: str = field(default_factory=now)

    def host(self, *, pooled: bool = False) -> str:
        return POOLED if pooled else DIRECT

    def json(self) -> Json:
        return {
            **{k: v for k, v in vars(self).items() if v is not None},
            "host": self.host(),
            "proxy_host": DIRECT,
            "pooler_enabled": False,
            "pooler_mode": "transaction",
            "passwordless_access": True,
            "creation_source": "console",
            "provisioner": "k8s-neonvm",
        }


@dataclass
class Project:
    name: str
    region_id: str = "aws-us-east-2"
    pg_version: int = 17
    org_id: str | None = None
    store_passwords: bool = True
    branch_limit: int = 10
    history_retention_seconds: int = 86400
    settings: Json = field(default_factory=dict)
    default_endpoint_settings: Json = field(default_factory=dict)
    branches: dict[str, Branch] = field(default_factory=dict)
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    id: str = field(default_factory=lambda: identity(""))
    created_at: str = field(default_factory=now)
    updated_at: str = field(default_factory=now)

    def busy(self) -> bool:
        return any(operation.status not in TERMINAL for operation in self.operations)

    def endpoint_of(self, branch: Branch, kind: str = "read_write") -> Endpoint | None:
        found = (e for e in self.endpoints.values() if e.branch_id == branch.id)
        return next((each for each in found if each.type == kind), None)

    def children(self, branch: Branch) -> list[Branch]:
        return [each for each in self.branches.values() if each.parent_id == branch.id]

    def json(self) -> Json:
        hidden = ("branches", "endpoints", "operations", "branch_limit")
        shown = {k: v for k, v in vars(self).items() if k not in hidden and v is not None}
        zero = (
            *("data_storage_bytes_hour", "data_transfer_bytes", "written_data_bytes"),
            *("compute_time_seconds", "active_time_seconds", "cpu_used_sec"),
        )
        return {
            **shown,
            **dict.fromkeys(zero, 0),
            "platform_id": "aws",
            "provisioner": "k8s-neonvm",
            "proxy_host": DIRECT,
            "creation_source": "console",
            "owner_id": self.org_id or "a-user",
            "owner": {
                "name": "",
                "email": "",
                "branches_limit": self.branch_limit,
                "subscription_type": "launch",
            },
            "branch_logical_size_limit": 0,
            "branch_logical_size_limit_bytes": 0,
        }


Work = Callable[[], None]


@dataclass
class Queue:
    """Does the work of operations, one after the other, a moment after it was asked for.

    Nothing is done while `open` is cleared.
    """

    lock: threading.RLock
    closed: Callable[[float], bool]
    seconds: float
    fails: Callable[[str], str | None]
    open: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.open.set()

    def submit(self, project: Project, planned: list[tuple[Operation, Work]]) -> list[Json]:
        """Put operations in line and return how they are shown in the answer."""
        project.operations += [operation for operation, _ in planned]
        shown = [operation.json() for operation, _ in planned]
        threading.Thread(target=self._run, args=(planned,), daemon=True).start()
        return shown

    def _run(self, planned: list[tuple[Operation, Work]]) -> None:
        broken = False
        for operation, work in planned:
            if broken:
                operation.move("cancelled")
                continue
            self.closed(self.seconds / 2)
            operation.move("running")
            self.open.wait()
            if self.closed(self.seconds / 2):
                return
            try:
                why = self.fails(operation.action)
                assert why is None, why
                with self.lock:
                    work()
            except Exception as problem:  # noqa: BLE001
                operation.error, operation.failures_count = str(problem)[:300], 1
                operation.move("failed")
                broken = True
                continue
            operation.move("finished")
