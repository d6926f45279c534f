"""Which kinds of letters the caller cannot have signed electronically."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from msgspec import Meta

from api.auth import Principal, requires
from api.permissions import Permission
from api.services import Services
from signer.kinds import KindList


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
    """Every list that holds for the caller; none: every kind is signed."""

    lists: tuple[KindListBody, ...]


class KindController(Controller):
    """The lists of kinds that stay outside."""

    path = "/kinds"

    @get("/", operation_id="ListKinds", guards=[requires(Permission.SIGNATURE_CREATE)], sync_to_thread=True)
    def mine(
        self, request: Request[Principal, Any, Any], services: NamedDependency[SkipValidation[Services]]
    ) -> Response[KindsBody]:
        """Those that hold for this client."""
        lists = services.letters.kinds.lists_for(request.user.client_id)
        return Response(
            KindsBody(lists=tuple(KindListBody.of(each) for each in lists)),
            headers={"Cache-Control": "private, no-store"},
        )
