"""Versions of wrapping keys, and the canary.

Revision ID: 0004
Revises: 0003
"""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0003."""


def downgrade() -> None:
    """Back to 0003."""
