"""Authorisations: consents that are used up later, with the key that they carry.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

from store.base import UtcTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_KINDS = "kind IN ('consent', 'oauth2code', 'client', 'explicit')"
_STATES = "state IN ('approved', 'active', 'spent', 'revoked')"
_HEX = sa.String(length=64)
_DIGEST = sa.String(length=128)


def upgrade() -> None:
    """From 0027; every consent so far was to be used up at once."""
    with op.batch_alter_table("activations") as table:
        for name, kind, default in (
            ("kind", sa.String(length=16), "'consent'"),
            ("state", sa.String(length=16), "'active'"),
            ("scal", sa.SmallInteger(), "2"),
            ("total", sa.Integer(), "0"),
            ("used", sa.Integer(), "0"),
            ("origin", sa.Text(), "'rest'"),
        ):
            table.add_column(sa.Column(name, kind, nullable=False, server_default=sa.text(default)))
        table.add_column(sa.Column("bound", sa.Boolean(), nullable=False, server_default=sa.true()))
        for name in ("user_id", "request_id", "permission_id"):
            table.add_column(sa.Column(name, sa.Text(), nullable=True))
        table.add_column(sa.Column("hard_end", UtcTime(), nullable=True))
        for name in ("code_sha256", "sad_sha256"):
            table.add_column(sa.Column(name, _HEX, nullable=True))
            table.create_unique_constraint(op.f(f"uq_activations_{name}"), [name])
        table.create_check_constraint(op.f("ck_activations_kind"), _KINDS)
        table.create_check_constraint(op.f("ck_activations_state"), _STATES)
        table.create_check_constraint(op.f("ck_activations_scal"), "scal IN (1, 2)")
        table.create_check_constraint(op.f("ck_activations_used"), "0 <= used AND used <= total")
        table.create_check_constraint(
            op.f("ck_activations_approved_has_code"), "state <> 'approved' OR code_sha256 IS NOT NULL"
        )
    with op.batch_alter_table("activation_digests") as table:
        table.alter_column("digest", existing_type=_HEX, type_=_DIGEST, existing_nullable=False)
        table.add_column(sa.Column("purpose", sa.String(length=8), nullable=True))
        table.add_column(sa.Column("label", sa.Text(), nullable=True))
        table.add_column(sa.Column("spent_by", sa.Text(), nullable=True))
        table.create_check_constraint(op.f("ck_activation_digests_purpose"), "purpose IN ('dtbsr', 'sdr')")
    _count()
    op.create_table(
        "carried_keys",
        sa.Column("handle_sha256", _HEX, nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("pepper_label", sa.Text(), nullable=False),
        sa.Column("kek_label", sa.Text(), nullable=False),
        sa.Column("wrap_mechanism", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["handle_sha256"], ["activations.handle_sha256"], name=op.f("fk_carried_keys_handle_sha256_activations")
        ),
        sa.PrimaryKeyConstraint("handle_sha256", name=op.f("pk_carried_keys")),
    )
    for name in ("origin", "description"):
        op.add_column("activation_requests", sa.Column(name, sa.Text(), nullable=True))
    with op.batch_alter_table("activation_documents") as table:
        table.alter_column("digest", existing_type=_HEX, type_=_DIGEST, existing_nullable=False)
        table.add_column(sa.Column("purpose", sa.String(length=8), nullable=True))


def downgrade() -> None:
    """To 0027; authorisations are lost, consents stay."""
    theirs = "SELECT handle_sha256 FROM activations WHERE kind <> 'consent'"
    asked = "SELECT id FROM activation_requests WHERE origin IS NOT NULL"
    op.drop_table("carried_keys")
    op.execute(f"DELETE FROM activation_digests WHERE handle_sha256 IN ({theirs})")  # noqa: S608 - no input
    op.execute("DELETE FROM activations WHERE kind <> 'consent'")
    op.execute(f"DELETE FROM activation_documents WHERE request_id IN ({asked})")  # noqa: S608 - no input
    op.execute("DELETE FROM activation_requests WHERE origin IS NOT NULL")
    with op.batch_alter_table("activation_documents") as table:
        table.drop_column("purpose")
        table.alter_column("digest", existing_type=_DIGEST, type_=_HEX, existing_nullable=False)
    with op.batch_alter_table("activation_requests") as table:
        for name in ("origin", "description"):
            table.drop_column(name)
    with op.batch_alter_table("activation_digests") as table:
        table.drop_constraint(op.f("ck_activation_digests_purpose"), type_="check")
        for name in ("purpose", "label", "spent_by"):
            table.drop_column(name)
        table.alter_column("digest", existing_type=_DIGEST, type_=_HEX, existing_nullable=False)
    with op.batch_alter_table("activations") as table:
        for name in ("kind", "state", "scal", "used", "approved_has_code"):
            table.drop_constraint(op.f(f"ck_activations_{name}"), type_="check")
        for name in ("code_sha256", "sad_sha256"):
            table.drop_constraint(op.f(f"uq_activations_{name}"), type_="unique")
        for name in ("kind", "state", "scal", "total", "used", "origin", "bound", "user_id", "request_id"):
            table.drop_column(name)
        for name in ("permission_id", "hard_end", "code_sha256", "sad_sha256"):
            table.drop_column(name)


def _count() -> None:
    """How many digests each consent covers, and how many of them were used up."""
    mine = "FROM activation_digests d WHERE d.handle_sha256 = activations.handle_sha256"
    op.execute(
        f"UPDATE activations SET total = (SELECT count(*) {mine}),"  # noqa: S608 - no input
        f" used = (SELECT count(*) {mine} AND d.spent_at IS NOT NULL)"
    )
    op.execute("UPDATE activations SET state = 'spent' WHERE total > 0 AND used = total")
