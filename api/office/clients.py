"""Applications at the desk: administrators register, change and disable them."""

from collections.abc import Callable

from api.oauth.registrations import ClientRegistrations, Terms, ToldClient
from api.office.desk import Caller, Desk
from api.permissions import Permission
from store.client_model import Client


class ClientOffice:
    """Every act names its caller; raises as `ClientRegistrations`."""

    def __init__(self, *, desk: Desk, registrations: ClientRegistrations) -> None:
        self._desk = desk
        self._registrations = registrations

    def add(self, caller: Caller, terms: Terms, *, client_id: str | None) -> ToldClient:
        """A new one; its secret is told this once."""
        with self._desk.acting(caller, Permission.CLIENT_MANAGE):
            return self._registrations.add(terms, client_id=client_id)

    def page(self, caller: Caller, *, after: str = "", limit: int = 50) -> tuple[Client, ...]:
        """By id."""
        with self._desk.acting(caller, Permission.CLIENT_MANAGE):
            return self._registrations.page(after=after, limit=limit)

    def get(self, caller: Caller, client_id: str) -> Client:
        """One of them."""
        with self._desk.acting(caller, Permission.CLIENT_MANAGE):
            return self._registrations.get(client_id)

    def change(
        self, caller: Caller, client_id: str, terms: Terms, require: Callable[[Client], None] = lambda _: None
    ) -> Client:
        """Other terms; `require` may refuse it, having seen the state that is changed."""
        with self._desk.acting(caller, Permission.CLIENT_MANAGE):
            return self._registrations.change(client_id, terms, require=require)

    def rotate(self, caller: Caller, client_id: str) -> ToldClient:
        """Another secret."""
        with self._desk.acting(caller, Permission.CLIENT_MANAGE):
            return self._registrations.rotate(client_id)

    def disable(self, caller: Caller, client_id: str) -> Client:
        """The end of its tokens and of its log-ins."""
        with self._desk.acting(caller, Permission.CLIENT_MANAGE):
            return self._registrations.disable(client_id)
