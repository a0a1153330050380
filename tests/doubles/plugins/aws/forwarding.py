"""Some things are made at an emulator of AWS as well, where one is given: it knows better.

What it says no to is refused here; ids, ARNs and what else it computes come from there. What it has
forgotten is gone. Which things these are is in `forwarded.py`.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from tests.doubles.plugins.aws.forwarded import FORWARDED
from tests.doubles.plugins.aws.forwarded.calls import Call, Calling
from tests.doubles.plugins.cloud import Object
from tests.doubles.plugins.provider import Refused

VARIABLE = "SLIPWAY_DOUBLES_AWS"
"""Names the base URL of the emulator, such as `http://127.0.0.1:5000`."""
ABSENT = re.compile(r"NotFound|NoSuch|ResourceNotFound|404")


@dataclass(frozen=True)
class Emulator:
    """An emulator that is asked in one region."""

    url: str
    region: str

    def create(self, made: Object, inputs: Mapping[str, Any]) -> Object:
        """Make there what was made here; return it with what the emulator says of it."""
        known = FORWARDED.get(made.type)
        if known is None:
            return made
        self._all(known.before, Calling(inputs, made))
        calling = Calling(inputs, made)
        for call in known.create:
            answer = self._ask(call, calling)
            calling = replace(calling, answers=[*calling.answers, answer])
        identity, outputs = known.made(calling)
        kept = {**made.outputs, **outputs}
        return replace(made, id=identity or made.id, outputs=kept)

    def update(self, made: Object, inputs: Mapping[str, Any]) -> Object:
        """Change there what was changed here."""
        known = FORWARDED.get(made.type)
        if known is not None:
            self._all(known.update, Calling(inputs, made))
        return made

    def delete(self, gone: Object) -> None:
        """Delete there what is deleted here; what is not there any more is fine."""
        known = FORWARDED.get(gone.type)
        if known is None:
            return
        for call in known.delete:
            try:
                self._ask(call, Calling(gone.inputs, gone))
            except Refused as refused:
                if not ABSENT.search(str(refused)):
                    raise

    def has(self, thing: Object) -> bool:
        """Tell whether the emulator still has it."""
        known = FORWARDED.get(thing.type)
        if known is None or known.read is None:
            return True
        try:
            answer = self._ask(known.read, Calling(thing.inputs, thing))
        except Refused as refused:
            if ABSENT.search(str(refused)):
                return False
            raise
        return known.there(answer, thing)

    def _all(self, calls: tuple[Call, ...], calling: Calling) -> None:
        for call in calls:
            self._ask(call, calling)

    def _ask(self, call: Call, calling: Calling) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        client = _client(call.service, self.region, self.url)
        parameters = {k: v for k, v in call.parameters(calling).items() if v not in (None, [], {})}
        try:
            answer: dict[str, Any] = getattr(client, call.operation)(**parameters)
        except ClientError as error:
            said = error.response.get("Error", {})
            raise Refused(f"{said.get('Code')}: {said.get('Message')}") from error
        except BotoCoreError as error:
            raise Refused(f"{call.service} {call.operation}: {error}") from error
        return answer


@cache
def _client(service: str, region: str, url: str) -> Any:
    import boto3
    from botocore.config import Config

    return boto3.client(
        service,
        region_name=region,
        endpoint_url=url,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
    )


def emulator(region: str) -> Emulator | None:
    """Return the emulator that the environment names, or None."""
    url = os.environ.get(VARIABLE)
    return Emulator(url, region) if url else None
