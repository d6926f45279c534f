"""Imports, notices, and certificates of other issuers.

Revision ID: 0006
Revises: 0005
"""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0005."""


def downgrade() -> None:
    """Back to 0005."""
