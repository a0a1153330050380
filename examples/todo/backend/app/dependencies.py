"""What routes ask for: a database session, the settings, the user who calls."""

from typing import Annotated

from fastapi import Depends, HTTPException, Request, status
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

from app.database import get_session
from app.models import User
from app.security import read_access_token
from app.settings import Settings


def get_settings(request: Request) -> Settings:
    return request.app.state.settings


DbSession = Annotated[Session, Depends(get_session)]
AppSettings = Annotated[Settings, Depends(get_settings)]
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


def unauthorized(detail: str) -> HTTPException:
    return HTTPException(
        status.HTTP_401_UNAUTHORIZED, detail, headers={"WWW-Authenticate": "Bearer"}
    )


def get_user(bearer: Bearer, session: DbSession, settings: AppSettings) -> User:
    if bearer is None:
        raise unauthorized("Log in first")
    user_id = read_access_token(bearer.credentials, secret=settings.jwt_secret)
    user = session.get(User, user_id) if user_id else None
    if user is None:
        raise unauthorized("The access token is not valid")
    return user


CurrentUser = Annotated[User, Depends(get_user)]
