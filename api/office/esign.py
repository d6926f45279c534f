"""API credentials of the gateway at the desk: administrators make, change and end them."""

from api.office.desk import Caller, Desk
from api.permissions import Permission
from signer.api_credentials import ApiCredential, ApiCredentials, NewPassword, Requirement, Terms


class EsignOffice:
    """Every act names its caller; raises as `ApiCredentials`."""

    def __init__(self, *, desk: Desk, credentials: ApiCredentials) -> None:
        self._desk = desk
        self._credentials = credentials

    def add(self, caller: Caller, user_name: str, client_id: str, terms: Terms) -> NewPassword:
        """A new one; its password is told this once."""
        with self._desk.acting(caller, Permission.ESIGN_MANAGE):
            return self._credentials.add(user_name, client_id, terms)

    def all(self, caller: Caller, *, after: str = "", limit: int = 50) -> tuple[ApiCredential, ...]:
        """By user name."""
        with self._desk.acting(caller, Permission.ESIGN_MANAGE):
            return self._credentials.all(after=after, limit=limit)

    def get(self, caller: Caller, user_name: str) -> ApiCredential:
        """One of them."""
        with self._desk.acting(caller, Permission.ESIGN_MANAGE):
            return self._credentials.get(user_name)

    def change(
        self,
        caller: Caller,
        user_name: str,
        terms: Terms,
        enabled: bool | None,
        require: Requirement = lambda _: None,
    ) -> ApiCredential:
        """Other terms, or switched on or off; what is `None` stays as it is. `require` sees what it was before."""
        with self._desk.acting(caller, Permission.ESIGN_MANAGE):
            if terms != Terms():
                changed = self._credentials.change(user_name, terms, require=require)
                return changed if enabled is None else self._credentials.enable(user_name, enabled)
            if enabled is not None:
                return self._credentials.enable(user_name, enabled, require=require)
            require(found := self._credentials.get(user_name))
            return found

    def rotate(self, caller: Caller, user_name: str) -> NewPassword:
        """Another password."""
        with self._desk.acting(caller, Permission.ESIGN_MANAGE):
            return self._credentials.rotate(user_name)

    def remove(self, caller: Caller, user_name: str) -> ApiCredential:
        """Forget it."""
        with self._desk.acting(caller, Permission.ESIGN_MANAGE):
            return self._credentials.remove(user_name)
