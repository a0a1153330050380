"""Passwords, access tokens (signed) and refresh tokens (random, stored as a hash)."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.models import now

ALGORITHM = "HS256"

# The smallest cost that OWASP recommends for Argon2id: about 20 ms on one core.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_hash_of_nobody = _hasher.hash(secrets.token_urlsafe())


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def password_matches(password: str, password_hash: str | None) -> bool:
    """Compare a password with a hash. Takes as long when there is no such user."""
    try:
        _hasher.verify(password_hash or _hash_of_nobody, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def make_access_token(user_id: UUID, *, secret: str, minutes: int) -> str:
    issued = now()
    claims = {"sub": str(user_id), "iat": issued, "exp": issued + timedelta(minutes=minutes)}
    return jwt.encode(claims, secret, algorithm=ALGORITHM)


def read_access_token(token: str, *, secret: str) -> UUID | None:
    """Return the user's id, or None for a token that is forged, expired or malformed."""
    try:
        claims = jwt.decode(
            token, secret, algorithms=[ALGORITHM], options={"require": ["sub", "exp"]}
        )
        return UUID(claims["sub"])
    except (jwt.InvalidTokenError, ValueError):
        return None


def make_refresh_token() -> str:
    return secrets.token_urlsafe(32)


def hash_refresh_token(token: str) -> str:
    # The token is 256 random bits, so a plain hash is as good as a slow one.
    return hashlib.sha256(token.encode()).hexdigest()
