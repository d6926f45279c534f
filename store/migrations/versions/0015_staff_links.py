"""One-time links at which staff get their secret.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

from store.base import UtcTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TIME = UtcTime()


def upgrade() -> None:
    """From 0014."""
    op.create_table(
        "staff_links",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_links_staff_id_staff")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_staff_links")),
    )
    op.create_index(op.f("ix_staff_links_staff_id"), "staff_links", ["staff_id"])


def downgrade() -> None:
    """Back to 0014; who has not opened a link needs a new account."""
    op.drop_table("staff_links")
