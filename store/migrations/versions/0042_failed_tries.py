"""How many tries of a consent, or of a round, were found wrong.

Revision ID: 0042
Revises: 0041
"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

TABLES = {"activation_requests": "pending", "rounds": "open"}
"""With the state in which one can still try."""


def upgrade() -> None:
    """From 0041. Tries that were counted before count as wrong, as they did."""
    for name, undecided in TABLES.items():
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("failed", sa.Integer(), nullable=False, server_default="0"))
        op.execute(sa.text(f"UPDATE {name} SET failed = tries WHERE state = '{undecided}'"))  # noqa: S608 - our own
        _check(name, "tries >= failed AND failed >= 0")


def downgrade() -> None:
    """To 0041."""
    for name in TABLES:
        _check(name, "tries >= 0")
        with op.batch_alter_table(name) as table:
            table.drop_column("failed")


def _check(name: str, rule: str) -> None:
    with op.batch_alter_table(name) as table:
        table.drop_constraint(op.f(f"ck_{name}_tries"), type_="check")
        table.create_check_constraint(op.f(f"ck_{name}_tries"), sa.text(rule))
