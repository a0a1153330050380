"""What a provider complains of, with which resource it was about and what helps."""

import re
from collections.abc import Sequence

KINDS: Sequence[tuple[str, str, str]] = (
    (
        "name",
        r"cert_missing|dns configuration is (still )?invalid",
        "the host name does not lead there yet, or its certificate is not issued yet: see that its "
        "record is made, then run the command again (docs/platforms/vercel.md, The domain)",
    ),
    (
        "throttled",
        r"throttl|rate exceeded|too ?many ?requests|requestlimitexceeded|slow ?down\b|\b429\b",
        "it takes no more requests just now: wait a little, then run the command again",
    ),
    (
        "quota",
        r"limitexceeded|quota|maximum number of|limit (has been )?(reached|exceeded)",
        "raise that limit, or remove what is not used any more",
    ),
    (
        "denied",
        r"accessdenied|access denied|unauthori[sz]ed|not authori[sz]ed|forbidden|expiredtoken|"
        r"invalidclienttokenid|\b40[13]\b",
        "the credentials lack that right, or have expired: docs/platforms/ lists what is needed",
    ),
    (
        "exists",
        r"already ?exists|alreadyexists|already in use|duplicate|already taken",
        "it is there and this stack does not know it: `pulumi import` it, or remove it",
    ),
    (
        "timeout",
        r"timeout|timed out|deadline exceeded",
        "the change may have been made: the next command looks first, then goes on",
    ),
    (
        "unavailable",
        r"unavailable|connection (refused|reset)|no such host|internal ?(error|failure)|"
        r"\b50[0234]\b",
        "it could not be reached, or failed by itself: run the command again",
    ),
)
"""Kind, a pattern of what providers say (read in those of AWS, Kubernetes and Vercel, 2026-11),
and what to do. The first that matches counts."""
LOCAL = "pulumi-python:dynamic"
STACK = "pulumi:pulumi:Stack"


def complaint(urn: str | None, text: str) -> str:
    """Say which resource an error is about, and what to do if it is of a known kind.

    Errors of this machine's own resources, and of the program, say both themselves.
    """
    if not urn or urn.count("::") < 3:
        return text
    kinds, name = urn.split("::")[-2:]
    token = kinds.split("$")[-1]
    if token.startswith((LOCAL, STACK)):
        return text
    advice = next((help_ for _, said, help_ in KINDS if re.search(said, text, re.I)), "")
    return f"{name} ({token}): {text}{f'; {advice}' if advice else ''}"
