"""How officials hear their codes."""

from collections.abc import Callable
from datetime import datetime

from api.notices.build import mail_channel
from api.settings import Settings
from signer.model import Secret
from signer.notices import DeliveryFailed
from signer.signing_codes import CodeMail
from store.bulk import SqlContacts
from store.clients import SqlClientStore
from store.database import Database
from store.officials import SqlOfficialStore


def signer_mail(settings: Settings, database: Database) -> CodeMail:
    """By mail alone; without a server every code fails."""
    channel, officials, clients = mail_channel(settings, database), SqlOfficialStore(database), SqlClientStore(database)

    def tell(signatory_id: str, code: Secret, until: datetime, *, files: int, client_id: str, notice_id: str) -> None:
        if channel is None:
            raise DeliveryFailed("no-mail")
        official, client = officials.get(signatory_id), clients.get(client_id)
        channel.tell_signer(
            signatory_id,
            "" if official is None else official.signatory.name,
            code,
            until,
            files=files,
            application=client_id if client is None else client.name,
            notice_id=notice_id,
        )

    return tell


def reachable(settings: Settings, database: Database) -> Callable[[str], bool]:
    """Whether mail reaches a person."""
    contacts, there = SqlContacts(database), settings.notices.smtp_host is not None
    return lambda signatory_id: there and contacts.email_of(signatory_id) is not None
