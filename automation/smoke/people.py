"""The users of a flow: made up for it, each with cookies and extracted values of their own."""

import secrets
from dataclasses import dataclass, field

import httpx

MAIL_DOMAIN = "example.com"
"""Reserved for documentation: ordinary validators accept it and no mail ever arrives."""


@dataclass
class Person:
    """One user of a running flow. `client` holds the cookies, `extracted` the values."""

    name: str
    email: str
    password: str = field(repr=False)
    client: httpx.Client = field(repr=False)
    extracted: dict[str, object] = field(default_factory=dict, repr=False)


def make_unique() -> str:
    """Return twelve characters, letters and digits, that no run had before."""
    return secrets.token_hex(6)


def make_person(name: str, unique: str, client: httpx.Client) -> Person:
    """Make up a user whose e-mail address and password ordinary validators accept."""
    mailbox = "".join(character for character in name.lower() if character.isalnum()) or "user"
    # Upper and lower case, a digit and a special character; short enough for bcrypt's 72 bytes.
    password = f"Sw7!{secrets.token_hex(10)}"
    return Person(name, f"{mailbox}.{unique}@{MAIL_DOMAIN}", password, client)
