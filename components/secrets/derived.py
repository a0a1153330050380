"""Secrets that only have to be unguessable, from one that was made at random. Pure."""

import hashlib
import hmac
import string
from collections.abc import Iterator, Mapping
from itertools import islice

ALPHABET = string.ascii_letters + string.digits
"""Letters and digits only: safe in URLs, environment files and shells."""
FAIR = 256 - 256 % len(ALPHABET)
"""Bytes from here on would make some characters likelier than others."""


def derived(seed: str, lengths: Mapping[str, int]) -> dict[str, str]:
    """Return a value of so many characters for each name, always the same for the same seed.

    By HMAC-SHA256 in counter mode (NIST SP 800-108): no value tells anything of another one.
    """
    return {
        name: "".join(islice(_characters(seed.encode(), name), int(length)))
        for name, length in lengths.items()
    }


def _characters(seed: bytes, name: str) -> Iterator[str]:
    counter = 0
    while True:
        counter += 1
        block = hmac.new(seed, f"{counter}\0{name}".encode(), hashlib.sha256).digest()
        yield from (ALPHABET[byte % len(ALPHABET)] for byte in block if byte < FAIR)
