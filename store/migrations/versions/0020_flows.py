"""Documents that several officials sign; requests that are carried out once.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from store.base import UtcTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TIME = UtcTime()
SHA256 = sa.String(length=64)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
STANDING = sa.text("state <> 'failed'")
ONCE = {
    "flow_step": ["flow_id", "flow_step"],
    "flow_revision": ["flow_id", "flow_revision"],
    "request_key": ["request_key"],
}
BOTH = "(flow_id IS NULL) = (flow_step IS NULL) AND (flow_id IS NULL) = (flow_revision IS NULL)"


def upgrade() -> None:
    """From 0019."""
    with op.batch_alter_table("signatures") as table:
        table.add_column(sa.Column("flow_id", sa.Text(), nullable=True))
        table.add_column(sa.Column("flow_step", sa.Integer(), nullable=True))
        table.add_column(sa.Column("flow_revision", sa.Integer(), nullable=True))
        table.add_column(sa.Column("request_key", SHA256, nullable=True))
        table.create_check_constraint(op.f("ck_signatures_flow"), sa.text(BOTH))
    for name, columns in ONCE.items():
        op.create_index(
            f"uq_signatures_{name}",
            "signatures",
            columns,
            unique=True,
            sqlite_where=STANDING,
            postgresql_where=STANDING,
        )
    op.create_table(
        "flows",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("letter", JSON, nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("certify", sa.Integer(), nullable=True),
        sa.Column("original_sha256", SHA256, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("cancelled_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flows")),
    )
    op.create_index(op.f("ix_flows_client_id"), "flows", ["client_id"])
    op.create_table(
        "flow_steps",
        sa.Column("flow_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("asked", JSON, nullable=False),
        sa.CheckConstraint("act IN ('signature', 'initials')", name=op.f("ck_flow_steps_act")),
        sa.ForeignKeyConstraint(["flow_id"], ["flows.id"], name=op.f("fk_flow_steps_flow_id_flows")),
        sa.PrimaryKeyConstraint("flow_id", "number", name=op.f("pk_flow_steps")),
    )


def downgrade() -> None:
    """To 0019; flows are lost, what was signed in them stays."""
    op.drop_table("flow_steps")
    op.drop_table("flows")
    for name in ONCE:
        op.drop_index(f"uq_signatures_{name}", "signatures")
    with op.batch_alter_table("signatures") as table:
        table.drop_constraint(op.f("ck_signatures_flow"), type_="check")
        for name in ("flow_id", "flow_step", "flow_revision", "request_key"):
            table.drop_column(name)
