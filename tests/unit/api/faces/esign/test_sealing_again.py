"""The same sealing call again: what it was let through with is asked again before anything more is sealed."""

from datetime import timedelta

from tests.support.real_gateway import RealGateway
from tests.unit.api.faces.esign.test_gateway_v2 import (
    database_url,
    pki,
    postgres,
    real,
    refused,
    sealing,
    sealing_code,
    sqlite_template,
)

__all__ = ["database_url", "pki", "postgres", "real", "sqlite_template"]


def test_a_seal_that_was_taken_back_seals_nothing_more_in_a_repeated_call(real: RealGateway) -> None:
    seal = real.seal().signatory.id
    body = sealing(seal, sealing_code(real, seal))
    real.timestamper.broken = True
    refused(real.post("/api/v2/seal/pdf", body), 503)
    real.timestamper.broken = False
    (permission,) = real.seals.permissions(real.credential_of(seal))
    real.seals.deactivate(permission.id)
    refused(real.post("/api/v2/seal/pdf", body), 403)


def test_a_seal_whose_day_is_over_seals_nothing_more_in_a_repeated_call(real: RealGateway) -> None:
    seal = real.seal(hours=1).signatory.id
    real.office.forward(minutes=57)
    body = sealing(seal, sealing_code(real, seal))
    real.timestamper.broken = True
    refused(real.post("/api/v2/seal/pdf", body), 503)
    real.timestamper.broken = False
    real.office.at += timedelta(minutes=4)
    refused(real.post("/api/v2/seal/pdf", body), 403)


def test_the_last_document_of_a_permission_is_answered_again(real: RealGateway) -> None:
    seal = real.seal(documents=1).signatory.id
    body = sealing(seal, sealing_code(real, seal))
    first, again = real.post("/api/v2/seal/pdf", body), real.post("/api/v2/seal/pdf", body)
    assert (first.status_code, again.status_code) == (200, 200), again.text
    assert first.json()["file"] == again.json()["file"]
