"""What the service's own database role may do on PostgreSQL: append to the trail, and nothing else to it.

Two roles: the owner migrates and is used by nobody else; the service connects with one of its own. To the trail and its
checkpoints that one has SELECT and INSERT only, so that not even a taken-over service can change or cut what is
written. The head of the chain must move, so it can be updated, and neither removed nor doubled; a wrong head is noticed
by the next check. SQLite has no roles: there triggers and the checkpoints outside are all there is.
"""

import re
from typing import Final

from store import schema  # noqa: F401 - the metadata has to have seen every table
from store.base import Base
from store.errors import DatabaseMisconfigured

APPEND_ONLY: Final = ("audit_entries", "audit_checkpoints", "audit_outside_stamps")
_HEAD: Final = "audit_head"
_JOBS: Final = "dbos"
_NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def service_role_statements(role: str) -> tuple[str, ...]:
    """SQL that the owner of the tables runs after each migration; again does no harm.

    The role must exist (`CREATE ROLE … LOGIN`, with its password), and own nothing. Raises `DatabaseMisconfigured` for
    a name that would need quotes.
    """
    if not _NAME.fullmatch(role):
        raise DatabaseMisconfigured(f"role {role!r}: use lower-case letters, digits and _ only")
    others = sorted(set(Base.metadata.tables) - {*APPEND_ONLY, _HEAD})
    everything = ", ".join([*others, *APPEND_ONLY, _HEAD, "alembic_version"])
    return (
        f"REVOKE ALL ON {everything} FROM {role}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(others)} TO {role}",
        f"GRANT SELECT, INSERT ON {', '.join(APPEND_ONLY)} TO {role}",
        f"GRANT SELECT, UPDATE ON {_HEAD} TO {role}",
        f"GRANT SELECT ON alembic_version TO {role}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
        f"GRANT USAGE ON SCHEMA {_JOBS} TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {_JOBS} TO {role}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {_JOBS} TO {role}",
        f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {_JOBS} TO {role}",
    )
