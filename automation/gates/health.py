"""The health gate: every replica of a slot is ready, several times in a row."""

from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from automation.gates.base import Context, GateResult, Verdict
from automation.polling import wait_until
from automation.probes.exchange import NoAnswer, exchange
from automation.smoke.redaction import excerpt

ATTEMPT_SECONDS = 5.0


@dataclass
class _Replica:
    url: str
    path: str | None
    successes: int = 0
    attempts: int = 0
    last: str = "not asked yet"

    def observe(self, client: httpx.Client, context: Context) -> None:
        """Ask once; a failure begins the count of successes anew."""
        self.attempts += 1
        url = f"{self.url.rstrip('/')}/{(self.path or '').lstrip('/')}"
        try:
            request = client.build_request("GET", url)
            answer = exchange(client, request, clock=context.clock, seconds=ATTEMPT_SECONDS)
        except NoAnswer as error:
            self.successes, self.last = 0, str(error)
            return
        except httpx.InvalidURL:
            self.successes, self.last = 0, "the address is malformed"
            return
        well = answer.status == 200 if self.path else answer.status < 500
        self.successes = self.successes + 1 if well else 0
        body = "" if well else excerpt(answer.text)
        self.last = f"status {answer.status}{f': {body}' if body else ''}"


@dataclass(frozen=True, kw_only=True)
class HealthGate:
    """Pass when every replica answers 200 `successes` times in a row before the deadline.

    `path` is the readiness path; without one any answer below 500 counts. Seconds are of the
    context's clock. A replica that does not stay alive fails at once.
    """

    path: str | None = "/health"
    successes: int = 3
    deadline_seconds: float = 90.0
    every: float = 0.5

    def evaluate(self, context: Context) -> GateResult:
        """Wait for the replicas and name the first that is not ready."""
        client = context.direct
        if not context.replicas or client is None:
            return GateResult(Verdict.INCONCLUSIVE, "there is no replica to ask")
        replicas = [_Replica(url, self.path) for url in context.replicas]
        began = context.clock.time()

        def observe() -> str | None:
            for replica in replicas:
                replica.observe(client, context)
            context.progress(self._ready(replicas), len(replicas))
            return context.alive()

        dead = wait_until(
            observe,
            accept=lambda dead: dead is not None or self._ready(replicas) == len(replicas),
            deadline=began + self.deadline_seconds,
            clock=context.clock,
            every=self.every,
        )
        return self._verdict(replicas, dead, seconds=context.clock.time() - began)

    def _ready(self, replicas: Sequence[_Replica]) -> int:
        return sum(replica.successes >= self.successes for replica in replicas)

    def _verdict(
        self, replicas: Sequence[_Replica], dead: str | None, *, seconds: float
    ) -> GateResult:
        ready, total = self._ready(replicas), len(replicas)
        evidence: dict[str, object] = {
            "ready": ready,
            "replicas": total,
            "seconds": round(seconds, 3),
            "observations": {
                replica.url: {"attempts": replica.attempts, "last": replica.last}
                for replica in replicas
            },
        }
        waiting = [replica for replica in replicas if replica.successes < self.successes]
        last = f"{waiting[0].url}{self.path or ''}: {waiting[0].last}" if waiting else ""
        if dead is not None:
            seen = f"; last observation of {last}" if last else ""
            return GateResult(
                Verdict.FAIL, f"a replica does not stay alive: {dead}{seen}", evidence
            )
        if not waiting:
            return GateResult(Verdict.PASS, f"{ready} of {total} replicas are ready", evidence)
        return GateResult(
            Verdict.FAIL,
            f"{ready} of {total} replicas became ready within {self.deadline_seconds:g} s; "
            f"last observation of {last}",
            evidence,
        )
