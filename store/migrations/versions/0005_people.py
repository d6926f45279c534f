"""Registrations, approvals, staff and one-time links.

Revision ID: 0005
Revises: 0004
"""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0004."""


def downgrade() -> None:
    """Back to 0004."""
