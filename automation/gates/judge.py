"""One step of a rollout before the traffic gate: from the hold to the decision to go on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from automation.gates.base import GateResult, Verdict
from automation.gates.thin import Synthetic
from automation.gates.traffic import TrafficGate
from automation.gates.trial import Limits
from automation.gates.watch import Ended, Watch
from automation.metrics.base import Source, SourceUnavailable
from automation.metrics.window import Window
from automation.polling import Clock
from automation.probes.synthetic import Sender
from automation.specification.models import Thresholds
from components.contract.desired import SlotName
from components.contract.release import ServiceName
from components.contract.settings import Settings

ALPHA = 0.01
"""Chance that a whole rollout of a release as good as the old one is stopped wrongly, at most."""
EXTENSIONS = 3
WITHOUT_VERDICT = "the next step was taken without a verdict"
WORST = (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS)


@dataclass(frozen=True)
class Decision:
    """Whether to take the next step, and the verdict that this rests on."""

    result: GateResult
    go_on: bool
    interrupted: bool = False


def judge(
    source: Source,
    slots: Mapping[ServiceName, SlotName],
    old: Mapping[ServiceName, SlotName],
    *,
    settings: Settings,
    thresholds: Thresholds,
    gated_steps: int,
    sender: Sender | None,
    clock: Clock,
    hold_seconds: float | None = None,
    progress: Callable[[str], None] = lambda text: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Decision:
    """Watch the slots through the hold, top thin traffic up, and apply the policy.

    `old` names the slots beside them; a service that is absent is compared with the thresholds
    alone. `gated_steps` counts the pairs of step and service that this gate judges in the whole
    rollout. `sender` sends synthetic requests; None, there are none. Never raises for what it
    observes.
    """
    gate = TrafficGate(
        minimum=settings.gate_requests, limits=_limits(settings, thresholds, gated_steps)
    )
    windows = [Window(service, slot, old.get(service)) for service, slot in slots.items()]
    watch = Watch(source, windows, gate, clock=clock, progress=progress, cancelled=cancelled)
    synthetic = Synthetic(sender, settings.gate_synthetic_requests, clock, cancelled)
    seconds = settings.canary_hold_seconds if hold_seconds is None else hold_seconds
    step = _Step(watch, synthetic, settings, seconds)
    try:
        return step.decide()
    except SourceUnavailable as error:
        return Decision(step.result(Verdict.INCONCLUSIVE, str(error)), go_on=False)


def _limits(settings: Settings, thresholds: Thresholds, gated_steps: int) -> Limits:
    return Limits(
        alpha=ALPHA / max(1, gated_steps),
        tolerance=settings.performance_tolerance_percent / 100,
        error_rate_percent=thresholds.error_rate_percent,
        p95_milliseconds=thresholds.p95_milliseconds,
    )


@dataclass
class _Step:
    """A step before its gate."""

    watch: Watch
    synthetic: Synthetic
    settings: Settings
    hold_seconds: float

    def decide(self) -> Decision:
        """Watch until there is a verdict or the policy has an answer."""
        self.watch.begin()
        # What the hold's last seconds brought is known only later; traffic goes on meanwhile.
        ended = self._round(self.hold_seconds + self.watch.lag_seconds)
        policy = self.settings.gate_thin_traffic
        if policy == "wait" and self._open(ended):
            ended = self._round(self.settings.gate_wait_seconds, until=self._settled)
        extensions = EXTENSIONS if policy == "extend" else 0
        while extensions and self._open(ended):
            ended = self._round(self.hold_seconds)
            extensions -= 1
        if ended is Ended.INTERRUPTED:
            result = self.result(Verdict.INCONCLUSIVE, "interrupted before there was a verdict")
            return Decision(result, go_on=False, interrupted=True)
        return self._concluded()

    def _round(self, seconds: float, until: Callable[[], bool] = lambda: False) -> Ended:
        ended = self.watch.hold(seconds, until)
        if ended is Ended.OVER and self.watch.lacking() and not self.watch.rejected:
            self.synthetic.top_up(self.watch)
            if self.synthetic.cancelled():
                return Ended.INTERRUPTED
        return ended

    def _settled(self) -> bool:
        return all(each.verdict is not Verdict.INCONCLUSIVE for each in self.watch.results.values())

    def _open(self, ended: Ended) -> bool:
        return ended is Ended.OVER and not self._settled() and not self.watch.rejected

    def _concluded(self) -> Decision:
        results = self.watch.results
        worst = next(each for each in WORST if each in {r.verdict for r in results.values()})
        reason = "; ".join(
            f"{service} {self.watch.windows[service].new}: {result.reason}"
            for service, result in results.items()
            if result.verdict is worst
        )
        result = self.result(worst, reason)
        if worst is not Verdict.INCONCLUSIVE:
            return Decision(result, go_on=worst is Verdict.PASS)
        if unanswered := self.synthetic.unanswered:
            told = f"{reason}; {unanswered} synthetic requests got no answer"
            return Decision(replace(result, reason=told), go_on=False)
        if self.settings.gate_thin_traffic != "continue":
            return Decision(result, go_on=False)
        finding = f"{WITHOUT_VERDICT}: {reason}"
        return Decision(replace(result, findings=(*result.findings, finding)), go_on=True)

    def result(self, verdict: Verdict, reason: str) -> GateResult:
        """Return a verdict with all that was seen."""
        evidence: dict[str, object] = {}
        findings: list[str] = []
        for service, seen in self.watch.results.items():
            window = self.watch.windows[service]
            evidence[service] = {"slot": window.new, "old_slot": window.old, **seen.evidence}
            findings += [f"{service} {window.new}: {each}" for each in seen.findings]
        if verdict is Verdict.FAIL:
            causes = {each.evidence.get("trigger") for each in self.watch.results.values()}
            evidence["trigger"] = "error_rate" if "error_rate" in causes else "latency"
        evidence["synthetic"] = self.synthetic.sent
        evidence["policy"] = self.settings.gate_thin_traffic
        return GateResult(verdict, reason, evidence, tuple(findings))
