"""Notices and mail, built from the settings: through which channels, and what is sent by the clock."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import structlog

from api.alarms import Alarm, Severity, Watch, message_alarms
from api.given import Now
from api.jobs import Job
from api.notices.mail import MailChannel, MailServer
from api.notices.webhook import WebhookChannel
from api.settings import Settings
from signer.factors.messages import FactorMessages
from signer.notices import DeliveryFailed, NoticeService
from signer.seal_codes import KeeperMail
from store.bulk import SqlContacts
from store.database import Database
from store.factor_messages import SqlFactorOutbox
from store.notices import SqlNoticeLog, ending

_log = structlog.get_logger("teken.bulk")


def notice_jobs(settings: Settings, database: Database, *, now: Now) -> tuple[tuple[Job, ...], tuple[Watch, ...]]:
    """What is sent by the clock, and what is watched about it; nothing unless a channel is configured."""
    channels = _channels(settings, database, now)
    if not channels:
        return (), ()
    log = SqlNoticeLog(database)
    service = NoticeService(
        ending=lambda until: ending(database, until),
        log=log,
        channels=channels,
        alarm=lambda channel, attempts: _log.error("notice not delivered", channel=channel, attempts=attempts),
        now=now,
        steps=settings.notices.days,
        alarm_after=settings.notices.alarm_after,
    )
    outbox, most = SqlFactorOutbox(database), settings.notices.alarm_after
    messages = FactorMessages(outbox=outbox, channels=channels, now=now)
    return (
        (
            Job(name="factor-messages", every=timedelta(minutes=1), run=messages.send_due),
            Job(name="notices", every=timedelta(minutes=5), run=service.send_due),
        ),
        (
            Watch(name="notices", look=lambda: _undelivered(log.failing(most))),
            Watch(name="factor-messages", look=lambda: message_alarms(outbox.undelivered(most))),
        ),
    )


def mail_channel(settings: Settings, database: Database) -> MailChannel | None:
    """Mail, where the settings name a server."""
    own = settings.notices
    if own.smtp_host is None:
        return None
    server = MailServer(
        host=own.smtp_host,
        port=own.smtp_port,
        starttls=own.smtp_starttls,
        sender=own.sender,
        user=own.smtp_user,
        password=None if own.smtp_password_file is None else partial(_first_line, own.smtp_password_file),
    )
    return MailChannel(server, email_of=SqlContacts(database).email_of, office=own.office)


def keeper_mail(settings: Settings, database: Database) -> KeeperMail:
    """How keepers of seals hear codes; without a server every one of them fails."""
    channel = mail_channel(settings, database)
    return _no_mail if channel is None else channel.tell_code


def _no_mail(*_: object, **__: object) -> None:
    raise DeliveryFailed("no-mail")


def _channels(settings: Settings, database: Database, now: Now) -> tuple[MailChannel | WebhookChannel, ...]:
    own, mail = settings.notices, mail_channel(settings, database)
    channels: list[MailChannel | WebhookChannel] = [] if mail is None else [mail]
    if own.webhook is not None and own.webhook_secret_file is not None:
        file = own.webhook_secret_file
        channels.append(WebhookChannel(own.webhook, secret=lambda: _first_line(file).encode(), now=now))
    return tuple(channels)


def _undelivered(failing: Iterable[tuple[str, int]]) -> Iterator[Alarm]:
    for channel, count in failing:
        yield Alarm(
            name=f"notices-{channel}",
            severity=Severity.WARNING,
            text=f"{count} notices could not be delivered by {channel}: look at [notices] and at the server",
        )


def _first_line(file: Path) -> str:
    return file.read_text(encoding="utf-8").partition("\n")[0].strip()
