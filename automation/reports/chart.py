"""The geometry of the probe's chart: requests over time, beside the weights of the slots.

Lengths are in user units of an SVG that is 720 wide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from automation.reports.evidence import Probe, ProbeSecond, WeightChange

LEFT: Final = 90.0
RIGHT: Final = 695.0
TOP: Final = 10.0
PROBES: Final = 80.0
LANE: Final = 28.0
GAP: Final = 12.0
THINNEST: Final = 2.5
MOST_BARS: Final = 240


@dataclass(frozen=True)
class Box:
    """A rectangle and what it stands for."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str


@dataclass(frozen=True)
class Label:
    """A text; `anchor` is SVG's text-anchor."""

    x: float
    y: float
    text: str
    anchor: str = "end"


@dataclass(frozen=True)
class Chart:
    """Everything that the page draws."""

    height: float
    boxes: tuple[Box, ...]
    labels: tuple[Label, ...]


def chart(probe: Probe) -> Chart | None:
    """Return the chart of a probe, or None where it recorded nothing over time."""
    if not probe.timeline:
        return None
    end = max(row.second for row in probe.timeline) + 1
    boxes = _bars(probe.timeline, end)
    labels = [Label(LEFT - 6, TOP + 10, "requests"), Label(LEFT - 6, TOP + PROBES, "per second")]
    y = TOP + PROBES + GAP
    for service in dict.fromkeys(change.service for change in probe.weights):
        boxes += _lane([row for row in probe.weights if row.service == service], y, end)
        labels.append(Label(LEFT - 6, y + LANE / 2 + 4, service))
        y += LANE + GAP
    ticks = [
        Label(_x(end * part / 4, end), y + 4, f"{end * part / 4:g} s", "middle")
        for part in range(5)
    ]
    return Chart(height=round(y + GAP, 1), boxes=tuple(boxes), labels=(*labels, *ticks))


def _x(second: float, end: float) -> float:
    return round(LEFT + (RIGHT - LEFT) * min(max(second, 0.0), end) / end, 2)


def _bars(timeline: Sequence[ProbeSecond], end: int) -> list[Box]:
    """Draw sent requests, failed ones on top; long probes have several seconds in a bar."""
    span = -(-end // MOST_BARS)
    sums: dict[int, tuple[int, int]] = {}
    for row in timeline:
        sent, failed = sums.get(row.second // span, (0, 0))
        sums[row.second // span] = (sent + row.sent, failed + row.failed)
    most = max((sent for sent, _ in sums.values()), default=0) or 1
    boxes: list[Box] = []
    for bar, (sent, failed) in sorted(sums.items()):
        x, width = _x(bar * span, end), _x((bar + 1) * span, end) - _x(bar * span, end)
        title = f"second {bar * span}: {sent} sent, {failed} failed"
        tall, bad = PROBES * sent / most, PROBES * failed / most
        top = TOP + PROBES - tall
        boxes.append(
            Box(x, round(top + bad, 2), round(width, 2), round(tall - bad, 2), "ok", title)
        )
        if failed:
            boxes.append(Box(x, round(top, 2), round(width, 2), round(bad, 2), "bad", title))
    return boxes


def _lane(changes: Sequence[WeightChange], y: float, end: int) -> list[Box]:
    """Draw the share of each slot from one change of the weights to the next."""
    ordered = sorted(changes, key=lambda change: change.second)
    ends = [*(change.second for change in ordered[1:]), float(end)]
    boxes: list[Box] = []
    for change, until in zip(ordered, ends, strict=True):
        x = _x(change.second, end)
        width = round(_x(until, end) - x, 2)
        title = f"from second {change.second:g}: blue {change.blue} %, green {change.green} %"
        blue, green = _heights(change.blue, change.green)
        boxes.append(Box(x, y, width, round(blue, 2), "blue", title))
        boxes.append(Box(x, round(y + LANE - green, 2), width, round(green, 2), "green", title))
    return [box for box in boxes if box.width > 0 and box.height > 0]


def _heights(blue: int, green: int) -> tuple[float, float]:
    """Return the heights of two shares; one that is not 0 can be seen, be it 1 %."""
    total = blue + green
    if not (blue and green):
        return LANE * blue / 100, LANE * green / 100
    upper = min(max(LANE * blue / total, THINNEST), LANE - THINNEST)
    return upper, LANE - upper
