"""What the gates of a step have said, and what of it is told and recorded."""

import tempfile
from pathlib import Path

from automation import gating
from automation.home import Home
from automation.strategies.base import Step
from components.contract.outputs import EDGE_STATISTICS_URL
from tests.doubles.certificates import Authority
from tests.doubles.deployed import FakeEngine
from tests.doubles.installation import Installation, tiny
from tests.doubles.listener import Heard
from tests.doubles.web import Reply, Web

NOBODY_ASKS = {
    "stats": [
        {"name": f"cluster.backend_{slot}.membership_total", "value": 1}
        for slot in ("blue", "green")
    ]
    + [{"histograms": {"supported_percentiles": [], "details": []}}]
}


def test_a_step_that_is_taken_without_a_verdict_is_told_in_the_report(tmp_path):
    with tempfile.TemporaryDirectory(prefix="slipway-") as path:
        folder = Path(path)
        authority = Authority(folder, "127.0.0.1").ca
        home = Home(tmp_path / "home")
        home.root.mkdir()
        settings = {"gate_thin_traffic": "continue", "gate_synthetic_requests": 0}
        with FakeEngine(authority=authority) as engine, Web(lambda _: Reply(200, NOBODY_ASKS)) as e:
            installation = Installation(home, tiny(folder), engine, settings)
            installation.deploy(installation.open())
            heard = Heard()
            context = installation.open(heard)
            context.release = context.live.live_release()
            context.outputs[EDGE_STATISTICS_URL] = e.url
            context.proven.add("backend")
            slot = context.live.backend.live()

            judged = gating.judge(
                context,
                1,
                Step("5 %", context.live, "traffic", {"backend": slot}, "roll_out"),
            )

    assert judged is not None and judged.go_on
    verdicts = {fact.gate: fact.verdict for fact in context.facts.gates}
    assert verdicts["traffic"] == "inconclusive"
    told = [line for line in heard.notes if "the next step was taken without a verdict" in line]
    assert told == context.facts.short_term != []
