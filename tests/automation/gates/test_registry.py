"""What every gate has in common."""

import pytest

from automation.gates import GATES
from automation.gates.base import Context, Gate, Verdict
from tests.doubles.clock import FakeClock


@pytest.mark.parametrize("gate", GATES.values(), ids=GATES.keys())
def test_a_gate_without_data_is_inconclusive_and_says_why(gate: type[Gate]) -> None:
    result = gate().evaluate(Context(clock=FakeClock()))

    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.reason
