"""Alembic's entrance: `store.schema` calls it with an open transaction; there is no other way in."""

from alembic import context

from store.base import Base
from store.schema import is_ours

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite cannot alter most things in place
    include_name=is_ours,
    compare_type=True,
)
context.run_migrations()
