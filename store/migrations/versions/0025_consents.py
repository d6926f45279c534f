"""Consent to batches and to steps of flows; documents that wait for consent; flows that an official gave back.

Revision ID: 0025
Revises: 0024
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_REQUESTS = "activation_requests"


def _about() -> tuple[sa.Column[Any], ...]:
    """What a request is about; a column belongs to one table, so they are made anew for each use."""
    return (
        sa.Column("batch_id", sa.Text(), nullable=True),
        sa.Column("flow_id", sa.Text(), nullable=True),
        sa.Column("flow_step", sa.Integer(), nullable=True),
        sa.Column("flow_revision", sa.Integer(), nullable=True),
        sa.Column("changes", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("reason", sa.Text(), nullable=True),
    )


def _returned() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("returned_step", sa.Integer(), nullable=True),
        sa.Column("returned_reason", sa.Text(), nullable=True),
    )


def upgrade() -> None:
    """From 0024; every request so far is about documents of its own, and all of them are meant."""
    for column in _about():
        op.add_column(_REQUESTS, column)
    op.create_index("ix_activation_requests_waiting", _REQUESTS, ["signatory_id", "state"])
    op.add_column(
        "activation_documents", sa.Column("left_out", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "activation_contents",
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("request_id", "position", name=op.f("pk_activation_contents")),
    )
    for column in _returned():
        op.add_column("flows", column)
    op.create_index(op.f("ix_flow_steps_credential_id"), "flow_steps", ["credential_id"])
    op.create_index("ix_batches_credential_id", "batches", ["credential_id", "state"])


def downgrade() -> None:
    """To 0024; requests for batches and steps go, and with them what nobody can consent to any more."""
    op.drop_index("ix_batches_credential_id", "batches")
    op.drop_index(op.f("ix_flow_steps_credential_id"), "flow_steps")
    for column in _returned():
        op.drop_column("flows", column.name)
    op.drop_table("activation_contents")
    others = "(SELECT id FROM activation_requests WHERE batch_id IS NOT NULL OR flow_id IS NOT NULL)"
    op.execute(sa.text(f"DELETE FROM activation_documents WHERE request_id IN {others}"))  # noqa: S608 - our own text
    op.execute(sa.text("DELETE FROM activation_requests WHERE batch_id IS NOT NULL OR flow_id IS NOT NULL"))
    op.drop_column("activation_documents", "left_out")
    op.drop_index("ix_activation_requests_waiting", _REQUESTS)
    for column in _about():
        op.drop_column(_REQUESTS, column.name)
