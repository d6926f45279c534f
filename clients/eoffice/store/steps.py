"""From each version of the tables to the next. A step stays as it was written: it never looks at today's tables."""

from collections.abc import Callable, Mapping
from typing import Final

import sqlalchemy as sa
from alembic.operations import Operations

_TIME: Final = sa.DateTime(timezone=True)


def _to_2(operations: Operations) -> None:
    """What features keep beside papers, and what they do by themselves."""
    operations.create_table(
        "records",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("feature", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("agency_id", sa.String(64), sa.ForeignKey("agencies.id"), nullable=False),
        sa.Column("owner_id", sa.String(64), sa.ForeignKey("people.id")),
        sa.Column("day", sa.Date),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("paper_id", sa.String(32), sa.ForeignKey("papers.id"), index=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
        sa.UniqueConstraint("feature", "kind", "key", name="uq_records_key"),
    )
    operations.create_index("ix_records_list", "records", ["feature", "kind", "agency_id", "created_at"])
    operations.create_index("ix_records_day", "records", ["feature", "kind", "day"])
    operations.create_index("ix_records_owner", "records", ["owner_id", "feature", "kind"])
    operations.create_table(
        "duties",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("taken_until", _TIME),
    )


def _to_3(operations: Operations) -> None:
    """Partners, and who is asked to sign what."""
    operations.add_column("agencies", sa.Column("outside", sa.Boolean, nullable=False, server_default=sa.false()))
    signers = operations.create_table(
        "signers",
        sa.Column("paper_id", sa.String(32), sa.ForeignKey("papers.id"), primary_key=True),
        sa.Column("person_id", sa.String(64), sa.ForeignKey("people.id"), primary_key=True, index=True),
    )
    papers = sa.table("papers", sa.column("id", sa.String), sa.column("steps", sa.JSON))
    pairs = {
        (paper.id, step["person"])
        for paper in operations.get_bind().execute(sa.select(papers.c.id, papers.c.steps))
        for step in paper.steps
        if step["person"] is not None
    }
    operations.bulk_insert(signers, [{"paper_id": paper, "person_id": person} for paper, person in sorted(pairs)])


def _to_4(operations: Operations) -> None:
    """Records that wait for something are found among very many that do not."""
    operations.create_index("ix_records_state", "records", ["feature", "kind", "state"])


STEPS: Final[Mapping[int, Callable[[Operations], None]]] = {2: _to_2, 3: _to_3, 4: _to_4}
"""By the version that each makes."""
