"""Pre-signed OCSP answers, holds, and the clock's last good state.

Revision ID: 0003
Revises: 0002
"""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From 0002."""


def downgrade() -> None:
    """Back to 0002."""
