"""What the name of an environment variable means: which reference gives its value."""

import re
from dataclasses import dataclass
from typing import Literal

from automation.specification.checks import PUBLIC_PREFIXES

Meaning = Literal[
    "database_url", "database_part", "backend_url", "internal_url", "public_url", "public_host",
    "release", "version", "environment", "generated", "given", "unknown",
]  # fmt: skip

PREFIX = re.compile(rf"^({'|'.join(PUBLIC_PREFIXES)})")
_DATABASE = r"(?:[A-Z]+_)*?(?:POSTGRES(?:QL)?|PG|PSQL|DB|DATABASE|SQLALCHEMY(?:_DATABASE)?|SQL)"
DATABASE_URL = re.compile(
    rf"^{_DATABASE}_?(?:URL|URI|DSN)(?:_NON_POOLING|_UNPOOLED)?$"
    r"|^(?:DIRECT|DB_CONNECTION)_(?:URL|STRING)$"
)
DATABASE_PART = re.compile(
    rf"^{_DATABASE}_?"
    r"(?P<part>SERVER|HOSTNAME|HOST|PORT|USERNAME|USER|PASSWORD|PASS|DATABASE|NAME|DB)$"
)
PARTS = {
    "SERVER": "host", "HOSTNAME": "host", "HOST": "host", "PORT": "port",
    "USERNAME": "user", "USER": "user", "PASSWORD": "password", "PASS": "password",
    "DATABASE": "name", "NAME": "name", "DB": "name",
}  # fmt: skip
_ADDRESS = r"(?:URL|URI|ORIGIN|BASE|BASE_URL|BASEURL|ENDPOINT)"
BACKEND_URL = re.compile(rf"^(?:API|BACKEND|SERVER|REST)(?:_API|_SERVER)?_{_ADDRESS}$")
INTERNAL_URL = re.compile(
    rf"^(?=.*(?:INTERNAL|SSR|PRIVATE))(?=.*(?:API|BACKEND|SERVER)).*_{_ADDRESS}$"
    rf"|^SERVER_API_{_ADDRESS}$|^(?:API|BACKEND)_{_ADDRESS}_(?:INTERNAL|SERVER)$"
)
PUBLIC_URL = re.compile(
    r"^(?:(?:FRONTEND|CLIENT|WEB|PUBLIC|SITE|APP|BASE|WEBSITE|NEXTAUTH|BETTER_AUTH|AUTH)_(?:BASE_)?"
    r"(?:URL|ORIGIN)|FRONTEND_HOST|(?:BACKEND_)?(?:CORS|ALLOWED|CORS_ALLOWED|CORS_ALLOW|TRUSTED)_ORIGINS?)$"
)
PUBLIC_HOST = re.compile(r"^(?:DOMAIN|PUBLIC_HOST|PUBLIC_DOMAIN|SERVER_NAME)$")
RELEASE = re.compile(r"^(?:APP_|SENTRY_|BUILD_)?RELEASE(?:_ID)?$|^BUILD_ID$")
VERSION = re.compile(r"^(?:APP|BUILD|SERVICE)_VERSION$")
ENVIRONMENT = re.compile(r"^(?:APP_)?(?:ENVIRONMENT|ENV|STAGE)$")
THIRD_PARTY = re.compile(
    r"STRIPE|AWS|GOOGLE|GITHUB|GITLAB|FACEBOOK|TWITTER|APPLE|AZURE|OPENAI|ANTHROPIC|SENDGRID|MAILGUN"
    r"|TWILIO|SLACK|SENTRY|CLERK|AUTH0|OKTA|COGNITO|PAYPAL|RESEND|SUPABASE|S3|SMTP|EMAIL|MAIL|CLOUDINARY"
    r"|WEBHOOK|CLIENT_SECRET|OAUTH|ACCESS_KEY|API_SECRET|CAPTCHA|TURNSTILE"
)
GENERATED = re.compile(
    r"(?:^|_)SECRET$|(?:^|_)SECRET_KEY(?:_BASE)?$|^(?:JWT|SESSION|SIGNING|ENCRYPTION|COOKIE|AUTH|HASH|CSRF)"
    r"_(?:SIGNING_|ENCRYPTION_)?(?:KEY|SALT)$|_(?:SIGNING|ENCRYPTION)_KEY$|(?:^|_)(?:SALT|PEPPER)$|^SECRET_"
)
GIVEN = re.compile(
    r"(?:API_?KEY|_TOKEN|PASSWORD|PASSWD|PASSPHRASE|PRIVATE_KEY|ACCESS_KEY|ACCESS_KEY_ID|CLIENT_SECRET"
    r"|_SECRET|_SECRET_KEY|CREDENTIALS|_LICENSE_KEY)$"
)
OF_OTHERS = re.compile(r"(?:^|_)TESTS?(?:_|$)|MONGO|REDIS|MYSQL|MARIADB|SQLITE|CLICKHOUSE|ELASTIC")


@dataclass(frozen=True)
class Variable:
    """A name without the prefix that makes it public, and what it means."""

    name: str
    baked: bool
    meaning: Meaning
    part: str = ""


_RULES: tuple[tuple[Meaning, "re.Pattern[str]"], ...] = (
    ("database_url", DATABASE_URL),
    ("internal_url", INTERNAL_URL),
    ("public_url", PUBLIC_URL),
    ("backend_url", BACKEND_URL),
    ("public_host", PUBLIC_HOST),
    ("release", RELEASE),
    ("version", VERSION),
    ("environment", ENVIRONMENT),
)


def understand(name: str) -> Variable:
    """Say what a variable means, by its name alone."""
    plain = name if PUBLIC_URL.match(name) else PREFIX.sub("", name)
    baked = PREFIX.match(name) is not None and not PUBLIC_URL.match(name)
    if OF_OTHERS.search(plain):
        return Variable(plain, baked, "unknown")
    part = DATABASE_PART.match(plain)
    if part:
        return Variable(plain, baked, "database_part", PARTS[part["part"]])
    for meaning, pattern in _RULES:
        if pattern.match(plain):
            return Variable(plain, baked, meaning)
    # A secret that is baked into what browsers load is none.
    if not baked and GENERATED.search(plain) and not THIRD_PARTY.search(plain):
        return Variable(plain, baked, "generated")
    if not baked and GIVEN.search(plain):
        return Variable(plain, baked, "given")
    return Variable(plain, baked, "unknown")


def is_database(name: str) -> bool:
    """Tell whether a variable says where the database is."""
    return understand(name).meaning in ("database_url", "database_part")
