"""The reader of deliveries says what the page on events says, and no more than that is let in."""

import hashlib
import hmac
import json
from typing import Any

import pytest
import teken
from hypothesis import given
from hypothesis import strategies as st
from teken.errors import WebhookRefused
from teken.types import EventType

from tests.architecture.pages import read

SECRET = "whsec_contoh"
NOW = 1_795_000_000
EVENT: dict[str, Any] = {
    "id": "019aa4b1-5d80-7c3a-9f10-3a5b7c9d1e2f",
    "type": "signature.signed",
    "at": "2026-11-21T04:00:00Z",
    "subject": "0123456789ABCDEFGHJKMNPQRS",
    "externalId": None,
    "data": {"level": "B-LT"},
}
BODY = json.dumps(EVENT).encode()


def signed(body: bytes = BODY, *, secret: str = SECRET, at: int = NOW) -> str:
    return f"t={at},v1={hmac.new(secret.encode(), f'{at}.'.encode() + body, hashlib.sha256).hexdigest()}"


def test_a_delivery_is_read() -> None:
    event = teken.verify_webhook({"TEKEN-Signature": signed()}, BODY, SECRET, now=NOW + 299)

    assert (event.id, event.type, event.data) == (EVENT["id"], EventType.SIGNATURE_SIGNED, {"level": "B-LT"})


def test_while_two_secrets_hold_either_is_enough() -> None:
    both = f"{signed(secret='whsec_older')},{signed().partition(',')[2]}"

    assert teken.verify_webhook({"teken-signature": both}, BODY, SECRET, now=NOW).id == EVENT["id"]
    assert teken.verify_webhook({"teken-signature": both}, BODY, "whsec_older", now=NOW).id == EVENT["id"]


@pytest.mark.parametrize(
    ("header", "body", "now"),
    [
        (signed(), BODY, NOW + 301),
        (signed(), BODY, NOW - 301),
        (signed(), BODY + b" ", NOW),
        (signed(secret="whsec_other"), BODY, NOW),
        (signed().replace(f"t={NOW}", f"t={NOW + 1}"), BODY, NOW),
        (signed().replace("v1=", "v0="), BODY, NOW),
        (signed().replace(f"t={NOW},", ""), BODY, NOW),
        ("t=²,v1=00", BODY, NOW),
        ("t=1795000000,v1=é", BODY, NOW),
        ("", BODY, NOW),
        (signed(b"[]"), b"[]", NOW),
        (signed(b"\xff"), b"\xff", NOW),
    ],
)
def test_anything_else_is_refused(header: str, body: bytes, now: float) -> None:
    with pytest.raises(WebhookRefused) as refused:
        teken.verify_webhook({"Teken-Signature": header}, body, SECRET, now=now)

    assert SECRET not in str(refused.value)


def test_a_delivery_without_a_signature_or_with_two_is_refused() -> None:
    for headers in ({}, {"Teken-Signature": signed(), "teken-signature": signed()}):
        with pytest.raises(WebhookRefused):
            teken.verify_webhook(headers, BODY, SECRET, now=NOW)


PAGE: dict[str, Any] = {}
exec(read("docs/events.md").partition("```python\n")[2].partition("```")[0], PAGE)  # noqa: S102 - our own page


@given(
    at=st.integers(NOW - 400, NOW + 400),
    secret=st.sampled_from([SECRET, "whsec_other"]),
    edit=st.sampled_from([("", ""), ("v1", "v2"), ("t=", "t=0"), (",", ", "), ("v1=", "v1=0")]),
)
def test_it_agrees_with_the_code_on_the_page(at: int, secret: str, edit: tuple[str, str]) -> None:
    header = signed(secret=secret, at=at).replace(*edit)
    try:
        let_in = bool(teken.verify_webhook({"Teken-Signature": header}, BODY, SECRET, now=NOW).id)
    except WebhookRefused:
        let_in = False

    assert let_in == PAGE["is_from_teken"](SECRET, header, BODY, NOW)
