"""A priority for tasks: older releases need not know it, as the database fills it in"""

import sqlalchemy as sa
from alembic import op

revision = "0004_task_priority"
down_revision = "0003_refresh_tokens"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "tasks",
        sa.Column("priority", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("tasks", "priority")
