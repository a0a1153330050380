from hypothesis import given
from hypothesis import strategies as st

from automation.reports.chart import LEFT, MOST_BARS, RIGHT, chart
from automation.reports.evidence import Probe, ProbeSecond, WeightChange


def probe(timeline, weights=()):
    return Probe(
        requests=1,
        failed=0,
        failures={},
        p50_ms=None,
        p99_ms=None,
        longest_gap_ms=None,
        timeline=timeline,
        weights=weights,
    )


def test_a_probe_without_a_timeline_has_no_chart():
    assert chart(probe(())) is None


@given(
    seconds=st.lists(
        st.tuples(st.integers(0, 5000), st.integers(0, 90), st.integers(0, 9)), min_size=1
    ),
    changes=st.lists(st.tuples(st.floats(0, 6000), st.integers(0, 100)), max_size=8),
)
def test_every_box_lies_within_the_chart(seconds, changes):
    drawn = chart(
        probe(
            tuple(ProbeSecond(second=s, sent=n + bad, failed=bad) for s, n, bad in seconds),
            tuple(
                WeightChange(second=s, service="backend", blue=100 - w, green=w) for s, w in changes
            ),
        )
    )

    assert len([box for box in drawn.boxes if box.kind == "ok"]) <= MOST_BARS
    for box in drawn.boxes:
        assert LEFT <= box.x <= box.x + box.width <= RIGHT + 0.1
        assert 0 <= box.y <= box.y + box.height <= drawn.height


@given(share=st.integers(1, 99))
def test_a_share_however_small_can_be_seen_and_a_greater_one_is_never_smaller(share):
    def green(percent):
        drawn = chart(
            probe(
                (ProbeSecond(second=0, sent=1, failed=0),),
                (WeightChange(second=0, service="backend", blue=100 - percent, green=percent),),
            )
        )
        return [box.height for box in drawn.boxes if box.kind == "green"]

    assert green(0) == []
    assert green(share)[0] >= 2
    assert green(share)[0] <= green(share + 1)[0]
