"""The served gate: the public address answers with the expected release."""

from collections import Counter
from dataclasses import dataclass, field

import httpx

from automation.gates.base import Context, GateResult, Verdict
from automation.polling import wait_until
from automation.probes.exchange import NoAnswer, exchange
from components.contract.outputs import RELEASE_HEADER, SLOT_HEADER


@dataclass
class _Seen:
    """What came back. `in_a_row` counts the latest answers of the right release."""

    in_a_row: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    last: str = ""

    def note(self, what: str, *, right: bool) -> None:
        self.in_a_row = self.in_a_row + 1 if right else 0
        self.answers[what] += 1
        self.last = what


@dataclass(frozen=True, kw_only=True)
class ServedGate:
    """Pass when `successes` requests in a row name the expected release, before the deadline.

    The context's slot, if any, is asked for by header, so that an idle one can be checked. A
    server error never counts, whatever it names.
    """

    path: str = "/"
    successes: int = 10
    deadline_seconds: float = 15.0
    every: float = 0.05

    def evaluate(self, context: Context) -> GateResult:
        """Ask until enough answers in a row are right, and say what else was seen."""
        client, release = context.public, context.release
        if client is None or release is None:
            return GateResult(Verdict.INCONCLUSIVE, "there is no public address or no release")
        seen = _Seen()
        began = context.clock.time()
        wait_until(
            lambda: self._ask(client, context, seen),
            accept=lambda _: seen.in_a_row >= self.successes,
            deadline=began + self.deadline_seconds,
            clock=context.clock,
            every=self.every,
        )
        evidence: dict[str, object] = {
            "expected": release,
            "path": self.path,
            "slot": context.slot,
            "in_a_row": seen.in_a_row,
            "seen": dict(seen.answers),
            "seconds": round(context.clock.time() - began, 3),
        }
        if seen.in_a_row >= self.successes:
            reason = f"{seen.in_a_row} requests in a row were served by {release}"
            return GateResult(Verdict.PASS, reason, evidence)
        what = ", ".join(f"{what} ({count})" for what, count in seen.answers.most_common(5))
        return GateResult(
            Verdict.FAIL,
            f"{self.path} was not served by {release} {self.successes} times in a row within "
            f"{self.deadline_seconds:g} s; seen: {what}; last: {seen.last}",
            evidence,
        )

    def _ask(self, client: httpx.Client, context: Context, seen: _Seen) -> None:
        headers = {SLOT_HEADER: context.slot} if context.slot else {}
        try:
            request = client.build_request("GET", self.path, headers=headers)
            answer = exchange(client, request, clock=context.clock)
        except NoAnswer as error:
            seen.note(str(error), right=False)
            return
        release = answer.headers.get(RELEASE_HEADER)
        if answer.status >= 500:
            seen.note(f"status {answer.status} of release {release or 'unknown'}", right=False)
        else:
            right = release == context.release
            seen.note(f"release {release}" if release else "no release header", right=right)
