"""Which kinds of letters the caller cannot have signed electronically."""

from typing import Annotated, Final

import msgspec
from litestar import Controller
from msgspec import Meta

from api.faces.rest.letters.asking import Asks, reads
from api.permissions import Permission
from signer.kinds import KindList

_EXAMPLE: Final = {
    "lists": [
        {
            "name": "dikecualikan-2021",
            "version": 1,
            "author": "Teken",
            "date": "2026-11-21",
            "says": "Semua surat ditandatangani secara elektronik, kecuali surat keputusan.",
            "kinds": [{"name": "surat keputusan", "spellings": ["SK", "SK *"]}],
        }
    ]
}


class ExcludedKindBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One kind, and how it may be written."""

    name: Annotated[str, Meta(examples=["surat keputusan"])]
    spellings: Annotated[tuple[str, ...], Meta(description="One that ends in ` *` stands for all that begin so.")]


class KindListBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One list that holds for the caller."""

    name: Annotated[str, Meta(examples=["dikecualikan-2021"])]
    version: int
    author: str
    date: Annotated[str, Meta(description="Day of this version.", examples=["2026-11-21"])]
    says: Annotated[str, Meta(description="What was stated, for people.")]
    kinds: tuple[ExcludedKindBody, ...]

    @classmethod
    def of(cls, made: KindList) -> "KindListBody":
        return cls(
            name=made.name,
            version=made.version,
            author=made.author,
            date=made.date.isoformat(),
            says=made.says,
            kinds=tuple(ExcludedKindBody(name=each.name, spellings=each.spellings) for each in made.kinds),
        )


class KindsBody(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Every list that holds for the caller; none: every kind is signed. Case, spaces, dots and dashes do not matter."""

    lists: tuple[KindListBody, ...]


class KindController(Controller):
    """The lists of kinds that stay outside."""

    path = "/kinds"
    tags = ["letters"]  # noqa: RUF012 - the framework's way

    @reads("/", "ListKinds", Permission.SIGNATURE_CREATE, gives=KindsBody, shows=_EXAMPLE)
    def mine(self, asking: Asks[None]) -> KindsBody:
        """Kinds of letters that you cannot have signed electronically"""
        lists = asking.services.letters.kinds.lists_for(asking.client_id)
        return KindsBody(lists=tuple(KindListBody.of(each) for each in lists))
