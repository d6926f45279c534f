"""Where the status of other issuers' certificates is found; a number that grows with every answer kept.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from store.base import UtcTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TIME = UtcTime()
SHA256 = sa.String(length=64)
COUNTED = """
UPDATE foreign_status SET number = (
    SELECT count(*) FROM foreign_status AS other
    WHERE other.url < foreign_status.url OR (other.url = foreign_status.url AND other.about <= foreign_status.about)
)
"""


def upgrade() -> None:
    """From 0007; the job fills the index at its first round, from the answers that were accepted."""
    op.add_column("foreign_status", sa.Column("number", sa.Integer(), nullable=True))
    op.execute(sa.text(COUNTED))
    with op.batch_alter_table("foreign_status") as table:
        table.alter_column("number", existing_type=sa.Integer(), nullable=False)
        table.create_unique_constraint(op.f("uq_foreign_status_number"), ["number"])
    op.create_table(
        "foreign_certificates",
        sa.Column("sha256", SHA256, nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=True),
        sa.Column("issuer_sha256", SHA256, nullable=False),
        sa.Column("serial", sa.LargeBinary(length=20), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("issuer", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_foreign_certificates")),
    )
    op.create_index(op.f("ix_foreign_certificates_issuer_sha256"), "foreign_certificates", ["issuer_sha256"])
    op.create_table(
        "foreign_addresses",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("certificate_sha256", SHA256, nullable=False),
        sa.Column("needed_until", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["certificate_sha256"],
            ["foreign_certificates.sha256"],
            name=op.f("fk_foreign_addresses_certificate_sha256_foreign_certificates"),
        ),
        sa.PrimaryKeyConstraint("url", "about", name=op.f("pk_foreign_addresses")),
    )
    op.create_index(op.f("ix_foreign_addresses_due_at"), "foreign_addresses", ["due_at"])


def downgrade() -> None:
    """Back to 0007; the index is derived and can be read again."""
    op.drop_table("foreign_addresses")
    op.drop_table("foreign_certificates")
    with op.batch_alter_table("foreign_status") as table:
        table.drop_constraint(op.f("uq_foreign_status_number"), type_="unique")
        table.drop_column("number")
