"""Passwords of staff, for the console.

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0034; nobody has one yet: an administrator hands out links."""
    op.add_column("staff", sa.Column("password", sa.Text(), nullable=True))


def downgrade() -> None:
    """To 0034; the passwords go, the secrets for the API stay."""
    op.drop_column("staff", "password")
