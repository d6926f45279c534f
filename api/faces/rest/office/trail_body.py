"""What auditors read."""

from typing import Annotated, Protocol

from msgspec import Meta

from api.faces.rest.office.wire import Following, Told


class Entry(Protocol):
    """`store.audit.AuditEntry`."""

    @property
    def sequence(self) -> int: ...


class EntryBody(Told, frozen=True, kw_only=True):
    """One entry, its texts exactly as they are hashed; the trail takes no NIK and no NIP."""

    sequence: int
    time: Annotated[str, Meta(description="UTC with microseconds.")]
    actor: str
    role: str
    act: str
    object: Annotated[str, Meta(description="What was acted upon, `kind:id`.")]
    outcome: str
    reason: str | None
    request_id: str | None
    software: str
    details: Annotated[str, Meta(description="Deterministic JSON.")]
    previous: Annotated[str, Meta(description="Hash of the entry before.")]
    hash: str

    @classmethod
    def of(cls, one: Entry) -> "EntryBody":
        """In the words of this contract."""
        return cls(**{name: getattr(one, name) for name in cls.__struct_fields__})


class TrailPage(Told, frozen=True, kw_only=True):
    """Entries, oldest first."""

    items: list[EntryBody]
    next: Following
