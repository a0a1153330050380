"""Registration, login, token refresh and logout."""

from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, HTTPException, status
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.dependencies import AppSettings, CurrentUser, DbSession, unauthorized
from app.models import RefreshToken, User, now
from app.schemas import Credentials, RefreshRequest, Registration, Tokens, UserOut
from app.security import (
    hash_password,
    hash_refresh_token,
    make_access_token,
    make_refresh_token,
    password_matches,
)
from app.settings import Settings

router = APIRouter(prefix="/api/auth", tags=["auth"])


@router.post("/register", status_code=status.HTTP_201_CREATED, response_model=UserOut)
def register(new: Registration, session: DbSession) -> User:
    user = User(email=new.email, password_hash=hash_password(new.password))
    session.add(user)
    try:
        session.commit()
    except IntegrityError:
        raise HTTPException(status.HTTP_409_CONFLICT, "This email is already registered") from None
    return user


@router.post("/login")
def login(credentials: Credentials, session: DbSession, settings: AppSettings) -> Tokens:
    user = session.scalar(select(User).where(User.email == credentials.email))
    if not password_matches(credentials.password, user.password_hash if user else None):
        raise unauthorized("Wrong email or password")
    return issue_tokens(user.id, session, settings)


@router.post("/refresh")
def refresh(body: RefreshRequest, session: DbSession, settings: AppSettings) -> Tokens:
    """Exchange a refresh token for new tokens. Each one works once."""
    old = find_usable(body.refresh_token, session)
    if old is None:
        raise unauthorized("The refresh token is not valid")
    old.revoked_at = now()
    return issue_tokens(old.user_id, session, settings)


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
def logout(body: RefreshRequest, session: DbSession) -> None:
    """Revoke a refresh token. An unknown one is no error: the caller is logged out."""
    token = find_usable(body.refresh_token, session)
    if token is not None:
        token.revoked_at = now()
        session.commit()


@router.get("/me", response_model=UserOut)
def me(user: CurrentUser) -> User:
    return user


def issue_tokens(user_id: UUID, session: Session, settings: Settings) -> Tokens:
    refresh_token = make_refresh_token()
    session.add(
        RefreshToken(
            user_id=user_id,
            token_hash=hash_refresh_token(refresh_token),
            expires_at=now() + timedelta(days=settings.refresh_token_days),
        )
    )
    session.commit()
    minutes = settings.access_token_minutes
    return Tokens(
        access_token=make_access_token(user_id, secret=settings.jwt_secret, minutes=minutes),
        refresh_token=refresh_token,
        expires_in=minutes * 60,
    )


def find_usable(refresh_token: str, session: Session) -> RefreshToken | None:
    """Find and lock a live refresh token, so that two callers cannot both use it."""
    return session.scalar(
        select(RefreshToken)
        .where(
            RefreshToken.token_hash == hash_refresh_token(refresh_token),
            RefreshToken.revoked_at.is_(None),
            RefreshToken.expires_at > now(),
        )
        .with_for_update()
    )
