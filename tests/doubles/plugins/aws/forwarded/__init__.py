"""What is forwarded to an emulator of AWS: one entry for each type, a call for each change."""

from collections.abc import Mapping

from tests.doubles.plugins.aws.forwarded import names, storage, traffic, watching
from tests.doubles.plugins.aws.forwarded.calls import Forwarded

FORWARDED: Mapping[str, Forwarded] = {
    **storage.FORWARDED,
    **names.FORWARDED,
    **traffic.FORWARDED,
    **watching.FORWARDED,
}
