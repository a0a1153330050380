"""The tests agree with SciPy, and hold however often one looks."""

import math
import random

import numpy as np
import pytest
from scipy import special, stats

from automation.gates.statistics import (
    ODDS,
    Table,
    log_means,
    p_more_than_allowed,
    p_more_than_other,
)

TABLES = [
    Table(0, 10, 0, 10),
    Table(3, 150, 0, 2850),
    Table(8, 160, 1, 3000),
    Table(40, 200, 30, 180),
    Table(5, 5, 2, 2),
    Table(700, 20_000, 9_000, 400_000),
]


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_the_mean_of_a_bet_is_that_of_the_hypergeometric_distribution(table: Table) -> None:
    drawn = table.hits + table.other_hits
    spread = stats.hypergeom(table.total + table.other_total, table.total, drawn)
    for odds, mean in zip(ODDS, log_means(table), strict=True):
        hits = np.arange(max(0, drawn - table.other_total), min(drawn, table.total) + 1)
        logs = spread.logpmf(hits) + hits * math.log(odds)

        assert mean == pytest.approx(special.logsumexp(logs), abs=1e-6)


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_a_bet_is_the_ratio_of_fishers_noncentral_distribution_to_the_central_one(
    table: Table,
) -> None:
    whole, drawn = table.total + table.other_total, table.hits + table.other_hits
    central = stats.hypergeom(whole, table.total, drawn).logpmf(table.hits)
    for odds, mean in zip(ODDS[:2], log_means(table), strict=False):
        other = stats.nchypergeom_fisher(whole, table.total, drawn, odds).logpmf(table.hits)

        assert table.hits * math.log(odds) - mean == pytest.approx(other - central, abs=1e-5)


def test_it_is_more_careful_than_fishers_exact_test_and_not_by_much() -> None:
    for table in (Table(8, 160, 1, 3000), Table(15, 400, 0, 400), Table(4, 150, 0, 2850)):
        fisher = stats.fisher_exact(
            [
                [table.hits, table.total - table.hits],
                [table.other_hits, table.other_total - table.other_hits],
            ],
            alternative="greater",
        ).pvalue

        assert fisher <= p_more_than_other([table]) <= 200 * fisher


def test_it_is_more_careful_than_the_binomial_test_and_not_by_much() -> None:
    for hits, total in ((30, 200), (60, 500), (12, 20)):
        binomial = stats.binomtest(hits, total, 0.05, alternative="greater").pvalue

        assert binomial <= p_more_than_allowed([(hits, total)], 0.05) <= 1000 * binomial


def test_nothing_to_compare_says_nothing() -> None:
    assert p_more_than_other([]) == p_more_than_allowed([], 0.05) == 1
    assert p_more_than_other([Table(0, 10, 0, 90)]) == pytest.approx(1)


def test_what_was_found_is_not_lost_by_looking_on() -> None:
    found = [Table(6, 100, 0, 1900)]

    assert p_more_than_other([*found, Table(0, 900, 9, 900)]) == p_more_than_other(found)


def test_looking_after_each_of_fifty_strata_keeps_the_false_alarms_below_alpha() -> None:
    """Equal slots whose error rate goes up and down; a naive test would cry wolf every time."""
    chance = random.Random(7)
    alarms = 0
    for _ in range(400):
        tables = []
        for _ in range(50):
            failing = chance.choice((0.0, 0.02, 0.5))
            new, old = (sum(chance.random() < failing for _ in range(n)) for n in (5, 15))
            tables.append(Table(new, 5, old, 15))
        alarms += p_more_than_other(tables) <= 0.05

    assert alarms <= 0.05 * 400


def test_looking_after_each_request_keeps_to_what_is_allowed() -> None:
    chance = random.Random(8)
    alarms = 0
    for _ in range(400):
        requests = [(int(chance.random() < 0.05), 1) for _ in range(200)]
        alarms += p_more_than_allowed(requests, 0.05) <= 0.05

    assert alarms <= 0.05 * 400
