"""More kinds of approvals, imports approved as a whole, chosen versions of profiles, invalidity for other issuers.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

from store.base import UtcTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TIME = UtcTime()
BEFORE = "kind IN ('enrolment', 'bulk-revocation', 'release', 'factor-reset', 'profile', 'ca-operation')"
AFTER = BEFORE[:-1] + ", 'import', 'foreign-decision', 'foreign-revocation')"


def upgrade() -> None:
    """From 0012."""
    with op.batch_alter_table("approvals") as table:
        table.drop_constraint(op.f("ck_approvals_kind"), type_="check")
        table.create_check_constraint(op.f("ck_approvals_kind"), sa.text(AFTER))
    with op.batch_alter_table("imports") as table:
        table.add_column(sa.Column("approval_id", sa.Text(), nullable=True))
        table.create_foreign_key(op.f("fk_imports_approval_id_approvals"), "approvals", ["approval_id"], ["id"])
    with op.batch_alter_table("foreign_revocations") as table:
        table.add_column(sa.Column("invalid_since", TIME, nullable=True))
    op.create_table(
        "profile_choices",
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("chosen_by", sa.Text(), nullable=False),
        sa.Column("chosen_at", TIME, nullable=False),
        sa.Column("approval_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["approvals.id"], name=op.f("fk_profile_choices_approval_id_approvals")
        ),
        sa.PrimaryKeyConstraint("profile", "number", name=op.f("pk_profile_choices")),
    )


def downgrade() -> None:
    """Back to 0012; registrations that stand under the approval of a file keep the row that says so no longer."""
    op.drop_table("profile_choices")
    with op.batch_alter_table("foreign_revocations") as table:
        table.drop_column("invalid_since")
    with op.batch_alter_table("imports") as table:
        table.drop_constraint(op.f("fk_imports_approval_id_approvals"), type_="foreignkey")
        table.drop_column("approval_id")
    approvals = sa.table("approvals", sa.column("id"), sa.column("kind"))
    registrations = sa.table("registrations", sa.column("approval_id"))
    new = sa.select(approvals.c.id).where(approvals.c.kind.in_(("import", "foreign-decision", "foreign-revocation")))
    op.execute(registrations.update().where(registrations.c.approval_id.in_(new)).values(approval_id=None))
    op.execute(approvals.delete().where(approvals.c.id.in_(new)))
    with op.batch_alter_table("approvals") as table:
        table.drop_constraint(op.f("ck_approvals_kind"), type_="check")
        table.create_check_constraint(op.f("ck_approvals_kind"), sa.text(BEFORE))
