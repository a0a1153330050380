"""Gates: verdicts on a step of a rollout, from what was observed."""

from collections.abc import Mapping
from typing import Final

from automation.gates.base import Gate
from automation.gates.health import HealthGate
from automation.gates.performance import PerformanceGate
from automation.gates.served import ServedGate
from automation.gates.smoke import SmokeGate
from automation.gates.telemetry import TelemetryGate
from automation.gates.traffic import TrafficGate

GATES: Final[Mapping[str, type[Gate]]] = {
    "health": HealthGate,
    "served": ServedGate,
    "traffic": TrafficGate,
    "smoke": SmokeGate,
    "performance": PerformanceGate,
    "telemetry": TelemetryGate,
}
