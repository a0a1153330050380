"""Run migrations as the owner of the database, whose address is in DATABASE_URL."""

import os
from logging.config import fileConfig

from alembic import context
from sqlalchemy import create_engine, pool

from app.models import Base
from app.settings import SettingsError, sqlalchemy_url


def print_sql() -> None:
    """Write the statements instead of running them. Needs no database."""
    context.configure(
        dialect_name="postgresql",
        target_metadata=Base.metadata,
        literal_binds=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def migrate() -> None:
    url = os.environ.get("DATABASE_URL")
    if not url:
        raise SystemExit("alembic: missing environment variable: DATABASE_URL")
    try:
        engine = create_engine(sqlalchemy_url(url), poolclass=pool.NullPool)
    except SettingsError as problem:
        raise SystemExit(f"alembic: {problem}") from None
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.config.config_file_name is not None:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)

if context.is_offline_mode():
    print_sql()
else:
    migrate()
