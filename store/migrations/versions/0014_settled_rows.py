"""Rows of an import end with the registration that they brought about.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

COMPLETED = """
UPDATE import_rows SET state = 'done' WHERE state = 'registered'
    AND outcome IN (SELECT id FROM registrations WHERE state = 'completed')
"""
REJECTED = """
UPDATE import_rows SET state = 'failed', reason = 'approval: rejected' WHERE state = 'registered'
    AND outcome IN (SELECT id FROM registrations WHERE state = 'rejected')
"""


def upgrade() -> None:
    """From 0013."""
    op.create_index(op.f("ix_import_rows_outcome"), "import_rows", ["outcome"])
    op.execute(sa.text(COMPLETED))
    op.execute(sa.text(REJECTED))


def downgrade() -> None:
    """Back to 0013; rows stay as they ended."""
    op.drop_index(op.f("ix_import_rows_outcome"), table_name="import_rows")
