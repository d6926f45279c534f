"""A new member of staff gets a secret behind a one-time link; nobody else ever sees it.

As with officials' links: the token in the address is the only secret, so no cookie and no session exist.
"""

from typing import Final

from litestar import Controller, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.params import FromPath, SkipValidation

from api.faces.public.pages import NEITHER_KEPT_NOR_FOUND, Pages
from api.faces.public.ports import StaffAccounts
from api.faces.public.problems import ProblemPages
from api.faces.public.settings import PublicSettings
from signer.errors import LinkRefused, SignerError

_PATH: Final = "/staff/{token:str}"
_LARGEST_BODY: Final = 4 * 1024


class StaffLinkController(Controller):
    """Looking uses nothing up: mail programs look at links before people do."""

    include_in_schema = False

    @get(_PATH, sync_to_thread=True)
    def ask(
        self,
        token: FromPath[str],
        accounts: NamedDependency[SkipValidation[StaffAccounts]],
        pages: NamedDependency[SkipValidation[Pages]],
    ) -> Response[str]:
        """For whom it is; dead, used and never-made links look alike."""
        try:
            who = accounts.behind(token)
        except LinkRefused:
            return pages.show("dead_link.html", status=404, headers=NEITHER_KEPT_NOR_FOUND)
        return pages.show("staff_link.html", headers=NEITHER_KEPT_NOR_FOUND, who=who, secret=None)

    @post(_PATH, status_code=200, sync_to_thread=True)
    def open(
        self,
        token: FromPath[str],
        accounts: NamedDependency[SkipValidation[StaffAccounts]],
        pages: NamedDependency[SkipValidation[Pages]],
    ) -> Response[str]:
        """The secret, once."""
        try:
            opened = accounts.open(token)
        except LinkRefused:
            return pages.show("dead_link.html", status=404, headers=NEITHER_KEPT_NOR_FOUND)
        return pages.show("staff_link.html", headers=NEITHER_KEPT_NOR_FOUND, who=opened.member, secret=opened.secret)


def staff_link_router(accounts: StaffAccounts, settings: PublicSettings) -> Router:
    """Mount this at the root; it answers `/staff/…`."""
    pages = Pages(settings)
    problems = ProblemPages(pages, limit=settings.max_document_size)

    def provide_accounts() -> StaffAccounts:
        return accounts

    def provide_pages() -> Pages:
        return pages

    return Router(
        path="/",
        route_handlers=[StaffLinkController],
        dependencies={
            "accounts": Provide(provide_accounts, sync_to_thread=False),
            "pages": Provide(provide_pages, sync_to_thread=False),
        },
        exception_handlers={
            HTTPException: problems.http,
            SignerError: lambda request, _: problems.http(request, HTTPException(status_code=503)),
            Exception: problems.unexpected,
        },
        request_max_body_size=_LARGEST_BODY,
    )
