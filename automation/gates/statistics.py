"""Tests that hold for small counts and however often one looks. Exact, and in plain Python.

Both rest on e-values: a bet of `odds ** hits`, divided by what it pays on average if nothing is
wrong. The product over successive strata is then a nonnegative martingale of mean 1 at most, and
exceeds 1/alpha at any time with a probability of at most alpha (Ville's inequality), however many
looks there are and whenever one stops. See Ramdas, Grünwald, Vovk and Shafer, "Game-theoretic
statistics and safe anytime-valid inference", Statistical Science 38 (2023).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

ODDS = (2.0, 5.0, 20.0, 100.0)
"""How many times the odds of a hit may have grown: a quarter of the stake on each."""


@dataclass(frozen=True)
class Table:
    """Hits among the requests of one side and of the other, in one stratum."""

    hits: int
    total: int
    other_hits: int
    other_total: int


def p_more_than_other(tables: Iterable[Table]) -> float:
    """Return an always-valid p-value for "no more hits here than on the other side".

    In each stratum hits are compared given how many there are in all, as in Fisher's exact test:
    if both sides are equal, those here have a hypergeometric distribution, whatever their rate.
    """
    return _p((table.hits, log_means(table)) for table in tables)


def p_more_than_allowed(counts: Iterable[tuple[int, int]], allowed: float) -> float:
    """Return an always-valid p-value for "at most the share `allowed` are hits".

    `counts` are hits and totals of successive strata; `allowed` lies between 0 and 1.
    """
    # of a binomial distribution
    means = [math.log1p(allowed * (odds - 1)) for odds in ODDS]
    return _p((hits, tuple(total * mean for mean in means)) for hits, total in counts)


@lru_cache(maxsize=16_384)
def log_means(table: Table) -> tuple[float, ...]:
    """Return the logarithms of the means of `odds ** hits` of a hypergeometric distribution."""
    drawn = table.hits + table.other_hits
    least, most = max(0, drawn - table.other_total), min(drawn, table.total)
    whole = _log_choices(table.total + table.other_total, drawn)
    hits = range(least, most + 1)
    logs = [
        _log_choices(table.total, here) + _log_choices(table.other_total, drawn - here) - whole
        for here in hits
    ]
    return tuple(
        _log_sum([each + here * math.log(odds) for here, each in zip(hits, logs, strict=True)])
        for odds in ODDS
    )


def _p(strata: Iterable[tuple[int, tuple[float, ...]]]) -> float:
    logs = [-math.log(len(ODDS))] * len(ODDS)
    highest = 0.0
    for hits, means in strata:
        for index, odds in enumerate(ODDS):
            logs[index] += hits * math.log(odds) - means[index]
        highest = max(highest, _log_sum(logs))
    return math.exp(-highest)


def _log_choices(total: int, drawn: int) -> float:
    return math.lgamma(total + 1) - math.lgamma(drawn + 1) - math.lgamma(total - drawn + 1)


def _log_sum(logs: Sequence[float]) -> float:
    largest = max(logs)
    return largest + math.log(math.fsum(math.exp(each - largest) for each in logs))
