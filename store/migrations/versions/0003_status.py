"""Pre-signed OCSP answers.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """From 0002."""
    op.create_table(
        "ocsp_answers",
        sa.Column("issuer_id", sa.Text(), nullable=False),
        sa.Column("serial", sa.LargeBinary(20), nullable=False),
        sa.Column("hash_name", sa.String(8), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("this_update", TIME, nullable=False),
        sa.Column("next_update", TIME, nullable=False),
        sa.CheckConstraint("hash_name IN ('sha1', 'sha256')", name=op.f("ck_ocsp_answers_hash_name")),
        sa.ForeignKeyConstraint(
            ["issuer_id", "serial"],
            ["certificates.issuer_id", "certificates.serial"],
            name=op.f("fk_ocsp_answers_issuer_id_certificates"),
        ),
        sa.PrimaryKeyConstraint("issuer_id", "serial", "hash_name", name=op.f("pk_ocsp_answers")),
    )
    op.create_index("ix_ocsp_answers_age", "ocsp_answers", ["issuer_id", "serial", "this_update"])
    op.create_index(op.f("ix_timestamps_tsu_id"), "timestamps", ["tsu_id"])
    op.create_index("ix_certificates_status", "certificates", ["issuer_id", "state", "not_after", "serial"])


def downgrade() -> None:
    """Back to 0002; the answers are signed anew by the next upgrade."""
    op.drop_index(op.f("ix_timestamps_tsu_id"), table_name="timestamps")
    op.drop_index("ix_certificates_status", table_name="certificates")
    op.drop_table("ocsp_answers")
