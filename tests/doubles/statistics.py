"""An Envoy whose statistics say that every slot serves: with each look a thousand requests more."""

from tests.doubles.web import Asked, Reply, Web

LOOK = 1000


class Statistics(Web):
    """Of each thousand requests, slots in `failing` fail a tenth, those in `slow` take a second.

    `idle`: nobody asks, so that there is nothing to judge.
    """

    def __init__(self) -> None:
        self.failing: frozenset[str] = frozenset()
        self.slow: frozenset[str] = frozenset()
        self.idle = False
        self.looks = 0
        super().__init__(self._told)

    def _told(self, _asked: Asked) -> Reply:
        self.looks += 0 if self.idle else 1
        counters: list[dict[str, object]] = []
        times: list[dict[str, object]] = []
        for service in ("backend", "frontend"):
            for slot in ("blue", "green"):
                cluster, served = f"cluster.{service}_{slot}", LOOK * self.looks
                failed = served // 10 if slot in self.failing else 0
                counters += [
                    {"name": f"{cluster}.membership_total", "value": 1},
                    {"name": f"{cluster}.upstream_rq_completed", "value": served},
                    {"name": f"{cluster}.upstream_rq_5xx", "value": failed},
                ]
                took = 2000 if slot in self.slow else 10
                totals = [{"lower_bound": took, "width": 1, "count": served}] if served else []
                times.append({"name": f"{cluster}.upstream_rq_time", "totals": totals})
        histograms = {"histograms": {"supported_percentiles": [], "details": times}}
        return Reply(200, {"stats": [*counters, histograms]})
