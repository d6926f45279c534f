"""Approvals that a step goes to who acts in its office.

Revision ID: 0041
Revises: 0040
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

BEFORE = (
    "kind IN ('enrolment', 'bulk-revocation', 'release', 'factor-reset', 'profile', 'ca-operation', 'import', "
    "'foreign-decision', 'foreign-revocation')"
)
AFTER = BEFORE[:-1] + ", 'handover')"


def upgrade() -> None:
    """From 0040."""
    with op.batch_alter_table("approvals") as table:
        table.drop_constraint(op.f("ck_approvals_kind"), type_="check")
        table.create_check_constraint(op.f("ck_approvals_kind"), sa.text(AFTER))


def downgrade() -> None:
    """To 0040; approvals of handovers are lost, what was handed over stays so."""
    op.execute(sa.text("DELETE FROM approvals WHERE kind = 'handover'"))
    with op.batch_alter_table("approvals") as table:
        table.drop_constraint(op.f("ck_approvals_kind"), type_="check")
        table.create_check_constraint(op.f("ck_approvals_kind"), sa.text(BEFORE))
