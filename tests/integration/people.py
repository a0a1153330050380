"""Who uses the example application: a client of its public address, and people with tasks."""

import ssl
import uuid
from dataclasses import dataclass
from typing import Any

import httpx

PASSWORD = "correct horse battery staple"


def visitor(outputs: dict[str, Any]) -> httpx.Client:
    """Return a client that trusts the printed authority alone, and speaks HTTP/2."""
    return httpx.Client(
        base_url=outputs["public_url"],
        verify=ssl.create_default_context(cafile=outputs["ca_certificate"]),
        http2=True,
        timeout=60,
        trust_env=False,
    )


def email() -> str:
    """Return an address that nobody has registered yet."""
    return f"{uuid.uuid4().hex[:12]}@example.org"


@dataclass(frozen=True)
class Person:
    """Somebody who is registered and logged in."""

    client: httpx.Client
    token: str

    @classmethod
    def registered(cls, client: httpx.Client) -> "Person":
        """Register and log in as somebody new."""
        credentials = {"email": email(), "password": PASSWORD}
        client.post("/api/auth/register", json=credentials).raise_for_status()
        answer = client.post("/api/auth/login", json=credentials).raise_for_status()
        return cls(client, answer.json()["access_token"])

    def add(self, title: str) -> str:
        """Add a task and return its id."""
        answer = self.client.post("/api/tasks", json={"title": title}, headers=self._headers())
        return str(answer.raise_for_status().json()["id"])

    def tasks(self) -> list[str]:
        """Return the titles of the tasks."""
        answer = self.client.get("/api/tasks", headers=self._headers())
        return [task["title"] for task in answer.raise_for_status().json()]

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}
