"""Notices by mail: SMTP with STARTTLS (RFC 3207). Nothing of a letter, its reader or the password is logged."""

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Final

from api.notices.texts import Message, message_about, message_for, message_to_sign, message_with_code
from signer.factors.messages import FactorMessage
from signer.model import Secret
from signer.notices import DeliveryFailed, Notice

SECONDS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed in."""

    host: str
    port: int
    starttls: bool
    sender: str
    user: str | None = None
    password: Callable[[], str] | None = None
    """Reads the password anew each time, so that it can be changed while the service runs."""


class MailChannel:
    """`signer.notices.Channel` over SMTP: to the signatory, where an address is known, else to the office."""

    name = "email"

    def __init__(
        self,
        server: MailServer,
        *,
        email_of: Callable[[str], str | None],
        office: str | None,
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        """`email_of(signatory_id)`; `office`: who reads it where the signatory has no address."""
        self._server = server
        self._email_of = email_of
        self._office = office
        self._tls = tls

    def deliver(self, notice: Notice) -> None:
        """Hand one message in. Raises `DeliveryFailed`; a server that offers no STARTTLS is one that failed."""
        self._hand_in(notice.signatory_id, notice.id, message_for(notice))

    def tell(self, message: FactorMessage) -> None:
        """The same for what happened to a person's factors; raises `DeliveryFailed`."""
        self._hand_in(message.signatory_id, message.id, message_about(message))

    def tell_code(self, signatory_id: str, name: str, code: Secret, until: datetime, *, notice_id: str) -> None:
        """A seal's activation to its keeper, and to nobody else; raises `DeliveryFailed`, also without an address."""
        if self._email_of(signatory_id) is None:
            raise DeliveryFailed("no-address")
        self._hand_in(signatory_id, notice_id, message_with_code(name, code, until))

    def tell_signer(
        self,
        signatory_id: str,
        name: str,
        code: Secret,
        until: datetime,
        *,
        files: int,
        application: str,
        notice_id: str,
    ) -> None:
        """An official's code to the official, and to nobody else; raises `DeliveryFailed`, also without an address."""
        if self._email_of(signatory_id) is None:
            raise DeliveryFailed("no-address")
        text = message_to_sign(name, code, until, files=files, application=application)
        self._hand_in(signatory_id, notice_id, text)

    def _hand_in(self, signatory_id: str, notice_id: str, text: Message) -> None:
        to = self._email_of(signatory_id) or self._office
        if to is None:
            raise DeliveryFailed("no-address")
        try:
            self._send(self._message(notice_id, text, to))
        except smtplib.SMTPException as error:
            raise DeliveryFailed(f"smtp-{_word(error)}") from None
        except ssl.SSLError:
            raise DeliveryFailed("tls") from None
        except OSError:
            raise DeliveryFailed("unreachable") from None
        except (ValueError, IndexError, MessageError):  # the standard library's parser knows no one error
            raise DeliveryFailed("bad-address") from None

    def _message(self, notice_id: str, text: Message, to: str) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = text.subject
        message["From"] = Address(addr_spec=self._server.sender)
        message["To"] = Address(addr_spec=to)
        message["Message-ID"] = f"<{notice_id}@{self._server.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text.body)
        return message

    def _send(self, message: EmailMessage) -> None:
        own = self._server
        with smtplib.SMTP(own.host, own.port, timeout=SECONDS) as session:
            if own.starttls:
                session.starttls(context=self._tls())
            if own.user is not None and own.password is not None:
                session.login(own.user, own.password())
            session.send_message(message)


def _word(error: smtplib.SMTPException) -> str:
    """The server's number where it gave one; never its text, which may quote an address."""
    code = getattr(error, "smtp_code", None)
    return str(code) if code else type(error).__name__.removeprefix("SMTP").removesuffix("Error").casefold()
