"""Mail and webhook: handed over once to whom it concerns, signed, encrypted, and silent about persons' numbers."""

import hashlib
import hmac
import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_string, policy
from pathlib import Path

import pytest

from api.notices.mail import MailChannel, MailServer
from api.notices.texts import message_for
from api.notices.webhook import HEADER, WebhookChannel
from signer.notices import DeliveryFailed, Notice
from tests.support.local_servers import LocalHttp, LocalSmtp, local_http, local_smtp

NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)
NOTICE = Notice(
    credential_id="credential-1",
    signatory_id="K5QXA2LBONUWC3TB",
    name="I Wayan Contoh",
    organisation="Pemerintah Provinsi Contoh",
    certificate_sha256="ab" * 32,
    not_after=datetime(2026, 12, 21, 17, 30, tzinfo=UTC),
    step_days=30,
)


@pytest.fixture
def http() -> Iterator[LocalHttp]:
    with local_http() as server:
        yield server


@pytest.fixture
def smtp(tmp_path: Path) -> Iterator[tuple[LocalSmtp, ssl.SSLContext]]:
    with local_smtp(tmp_path) as both:
        yield both


def mail(
    smtp: tuple[LocalSmtp, ssl.SSLContext],
    *,
    to: str | None = "wayan@contoh.go.id",
    office: str | None = None,
    starttls: bool = True,
    tls: ssl.SSLContext | None = None,
    port: int | None = None,
) -> MailChannel:
    server, trusting = smtp
    where = MailServer(
        host="localhost",
        port=port or server.port,
        starttls=starttls,
        sender="teken@contoh.go.id",
        user="teken",
        password=lambda: "rahasia",
    )
    return MailChannel(where, email_of=lambda _: to, office=office, tls=lambda: tls or trusting)


def failure(channel: MailChannel | WebhookChannel) -> str:
    with pytest.raises(DeliveryFailed) as failed:
        channel.deliver(NOTICE)
    return str(failed.value)


def test_the_text_is_indonesian_first_and_has_the_day_as_bali_counts_it() -> None:
    text = message_for(NOTICE)
    assert text.body.index("Yth. I Wayan Contoh") < text.body.index("Dear I Wayan Contoh")
    assert "22 Desember 2026" in text.body
    assert "2026-12-22" in text.body
    assert "http" not in text.body


def test_mail_goes_encrypted_to_the_signatory(smtp: tuple[LocalSmtp, ssl.SSLContext]) -> None:
    mail(smtp).deliver(NOTICE)
    server, _ = smtp
    message = message_from_string(server.messages[0], policy=policy.default)
    assert (message["To"], message["From"]) == ("wayan@contoh.go.id", "teken@contoh.go.id")
    assert message["Message-ID"] == f"<{NOTICE.id}@contoh.go.id>"
    assert "I Wayan Contoh" in message.get_content()
    assert server.encrypted == [True]
    assert len(server.logins) == 1


def test_mail_goes_to_the_office_where_no_address_is_known(smtp: tuple[LocalSmtp, ssl.SSLContext]) -> None:
    mail(smtp, to=None, office="pendaftaran@contoh.go.id").deliver(NOTICE)
    assert "To: pendaftaran@contoh.go.id" in smtp[0].messages[0]


def test_without_any_address_nothing_is_sent(smtp: tuple[LocalSmtp, ssl.SSLContext]) -> None:
    assert failure(mail(smtp, to=None)) == "no-address"


def test_nothing_is_sent_in_the_clear_where_tls_is_wanted(smtp: tuple[LocalSmtp, ssl.SSLContext]) -> None:
    smtp[0].offer_tls = False
    assert failure(mail(smtp)) == "smtp-notsupported"
    assert smtp[0].messages == []
    assert smtp[0].logins == []


def test_a_server_with_a_strange_certificate_gets_nothing(smtp: tuple[LocalSmtp, ssl.SSLContext]) -> None:
    assert failure(mail(smtp, tls=ssl.create_default_context())) == "tls"
    assert smtp[0].logins == []


def test_a_refused_reader_is_a_failure_that_quotes_nobody(smtp: tuple[LocalSmtp, ssl.SSLContext]) -> None:
    smtp[0].refuse = "550 wayan@contoh.go.id unknown"
    assert failure(mail(smtp)) == "smtp-recipientsrefused"


def test_a_server_that_is_away_is_a_failure(smtp: tuple[LocalSmtp, ssl.SSLContext]) -> None:
    assert failure(mail(smtp, port=1)) == "unreachable"


@pytest.mark.parametrize("address", ["a@b\r\nBcc: x@y", "no address", "a@b@c"])
def test_an_address_cannot_smuggle_a_header(smtp: tuple[LocalSmtp, ssl.SSLContext], address: str) -> None:
    assert failure(mail(smtp, to=address)) == "bad-address"
    assert smtp[0].messages == []


def test_the_webhook_is_signed_over_time_and_body(http: LocalHttp) -> None:
    http.say("/hook", status=204)
    WebhookChannel(http.url("/hook"), secret=lambda: b"secret", now=lambda: NOON).deliver(NOTICE)
    ((method, _, headers, body),) = http.asked
    at = int(NOON.timestamp())
    expected = hmac.new(b"secret", f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert (method, headers[HEADER]) == ("POST", f"t={at},v1={expected}")
    told = json.loads(body)
    assert (told["id"], told["days"], told["not_after"]) == (NOTICE.id, 30, "2026-12-21T17:30:00+00:00")
    assert "I Wayan" not in body.decode()


@pytest.mark.parametrize("status", [301, 400, 401, 404, 500, 503])
def test_any_answer_but_good_is_a_failure(http: LocalHttp, status: int) -> None:
    http.say("/hook", status=status, Location=http.url("/elsewhere"))
    channel = WebhookChannel(http.url("/hook"), secret=lambda: b"secret", now=lambda: NOON)
    assert failure(channel) == f"http-{status}"
    assert [path for _, path, _, _ in http.asked] == ["/hook"]


def test_a_receiver_that_is_away_is_a_failure() -> None:
    channel = WebhookChannel("http://127.0.0.1:1/hook", secret=lambda: b"secret", now=lambda: NOON)
    assert failure(channel) == "unreachable"
