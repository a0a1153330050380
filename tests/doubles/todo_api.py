"""A small Todo API that works, and misbehaves on demand."""

import secrets
import threading
import uuid
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import parse_qs

from tests.doubles.web import HANG_UP, Asked, Reply, Web

FAULTS = frozenset(
    {"drops rows", "leaks", "answers 500", "hangs", "hangs up", "echoes the password"}
)


@dataclass
class TodoApi:
    """Registration and login (JSON, form or cookie), and tasks that belong to their user."""

    faults: set[str] = field(default_factory=set)
    passwords: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    tasks: dict[str, dict[str, object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert self.faults <= FAULTS
        self._lock = threading.Lock()
        self.web = Web(self.respond)

    def respond(self, asked: Asked) -> Reply | None:
        if "hangs up" in self.faults:
            return HANG_UP
        if "hangs" in self.faults and asked.path.startswith("/api/tasks"):
            return self.web.hang()
        with self._lock:
            return self._route(asked)

    def _route(self, asked: Asked) -> Reply:
        path = asked.path.partition("?")[0]
        if path == "/":
            return Reply(body="<html><title>Todo</title></html>")
        if path == "/api/auth/register":
            return self._register(asked.json())
        if path == "/api/auth/login":
            return self._login(asked.json())
        if path == "/api/auth/form":
            form = {key: values[0] for key, values in parse_qs(asked.body.decode()).items()}
            return self._login({"email": form["username"], "password": form["password"]})
        user = self._user(asked)
        if user is None:
            return Reply(401, {"detail": "Not authenticated"})
        if path == "/api/auth/me":
            return Reply(body={"email": user})
        if path == "/api/tasks":
            return self._add(user, asked) if asked.method == "POST" else self._list(user)
        return self._one(user, path.removeprefix("/api/tasks/"), asked.method)

    def _register(self, body: dict[str, str]) -> Reply:
        if body["email"] in self.passwords:
            return Reply(409, {"detail": "This email is already registered"})
        if "echoes the password" in self.faults:
            return Reply(400, {"detail": f"refused {body['password']}", "input": body})
        self.passwords[body["email"]] = body["password"]
        return Reply(201, {"email": body["email"]})

    def _login(self, body: dict[str, str]) -> Reply:
        if self.passwords.get(body["email"]) != body["password"]:
            return Reply(401, {"detail": "Wrong email or password"})
        token = secrets.token_urlsafe(32)
        self.tokens[token] = body["email"]
        headers = {"set-cookie": f"session={token}; Path=/; HttpOnly"}
        return Reply(200, {"access_token": token, "token_type": "bearer"}, headers)

    def _user(self, asked: Asked) -> str | None:
        bearer = (asked.headers.get("authorization") or "").removeprefix("Bearer ")
        cookie = SimpleCookie(asked.headers.get("cookie")).get("session")
        return self.tokens.get(bearer) or self.tokens.get(cookie.value if cookie else "")

    def _add(self, user: str, asked: Asked) -> Reply:
        if "answers 500" in self.faults:
            return Reply(500, {"detail": "Internal Server Error"})
        title = asked.json().get("title")
        if not isinstance(title, str) or not title:
            return Reply(422, {"detail": "title: expected text"})
        task = {"id": str(uuid.uuid4()), "title": title, "done": False, "user": user}
        if "drops rows" not in self.faults:
            self.tasks[str(task["id"])] = task
        return Reply(201, task)

    def _list(self, user: str) -> Reply:
        leaks = "leaks" in self.faults
        return Reply(body=[t for t in self.tasks.values() if leaks or t["user"] == user])

    def _one(self, user: str, task_id: str, method: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None or (task["user"] != user and "leaks" not in self.faults):
            return Reply(404, {"detail": "No such task"})
        if method == "DELETE":
            del self.tasks[task_id]
            return Reply(204)
        return Reply(body=task)
