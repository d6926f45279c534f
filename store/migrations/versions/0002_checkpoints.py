"""Signed checkpoints of the audit trail.

Revision ID: 0002
Revises: 0001
"""

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0001."""


def downgrade() -> None:
    """Back to 0001."""
