"""Strategies: how a new release takes over."""

from automation.strategies.base import Strategy
from automation.strategies.blue_green import BlueGreen
from automation.strategies.canary import Canary
from automation.strategies.recreate import Recreate
from automation.strategies.rolling import Rolling

STRATEGIES: dict[str, Strategy] = {
    "recreate": Recreate(),
    "rolling": Rolling(),
    "blue_green": BlueGreen(),
    "canary": Canary(),
}
