"""Strategies: how a new release takes over."""

from automation.strategies.base import Strategy
from automation.strategies.blue_green import BlueGreen
from automation.strategies.recreate import Recreate

STRATEGIES: dict[str, Strategy] = {
    "recreate": Recreate(),
    "blue_green": BlueGreen(),
}
