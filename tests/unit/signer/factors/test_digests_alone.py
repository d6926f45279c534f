"""Consent to digests alone: the application brings a code later, and the key waits for exactly that code."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from signer.activation import ActivationKind, ActivationState, transaction_digest
from signer.activation_requests import Asked
from signer.authorisation import AuthorisationState, AuthorisedDigest, Purpose, secret_hash
from signer.errors import ActivationRefused, FactorRefused, PassphraseWrong
from signer.model import Secret
from store.database import Database
from tests.support.consent import CLIENT, ConsentHouse, consent_house
from tests.support.office import ANOTHER
from tests.support.pki import make_pki
from tests.unit.store.samples import digest

CODE = Secret("c" * 43)
DIGESTS = (
    AuthorisedDigest(value=digest("one"), purpose=Purpose.DTBSR, label="Surat <b>satu</b>"),
    AuthorisedDigest(value=digest("two") + digest("two")),
)


@pytest.fixture
def house(tmp_path: Path, database: Database) -> ConsentHouse:
    return consent_house(tmp_path, database, make_pki())


def ask(house: ConsentHouse, **differences: Any) -> Asked:
    good: dict[str, Any] = {"digests": DIGESTS, "origin": "csc/v2", "description": "Dua surat"}
    wanted = good | differences
    return house.asking.ask_hashes(CLIENT, house.credential.id, wanted.pop("digests"), **wanted)


def test_what_was_asked_is_what_is_shown(house: ConsentHouse) -> None:
    request = house.opened(ask(house))
    assert (request.kind, request.origin, request.description) == (ActivationKind.HASHES, "csc/v2", "Dua surat")
    assert [(each.digest, each.name, each.purpose) for each in request.documents] == [
        (DIGESTS[0].value, "Surat <b>satu</b>", Purpose.DTBSR),
        (DIGESTS[1].value, "", None),
    ]


def test_two_factors_make_an_authorisation_whose_key_waits_for_the_code(house: ConsentHouse) -> None:
    asked = ask(house)
    house.opened(asked)
    done = house.approve(asked, house.totp(), under=CODE)
    assert done.state is ActivationState.GRANTED
    given = house.parts.authorisations.behind_code(secret_hash(CODE.reveal()))
    assert given is not None
    assert (given.state, given.total, given.used, given.scal) == (AuthorisationState.APPROVED, 2, 0, 2)
    assert (given.user_id, given.client_id, given.credential_id) == (house.who, CLIENT, house.credential.id)
    assert (given.request_id, given.origin, given.factors) == (asked.request.id, "csc/v2", ("passphrase", "totp"))
    assert set(given.digests) == set(DIGESTS)
    assert given.carried is not None
    with pytest.raises(PassphraseWrong):
        house.office.vault.open_carried(given.carried, Secret("d" * 43), owner=given.id)
    key = house.office.vault.open_carried(given.carried, CODE, owner=given.id)
    public = house.credential.certificate.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(key.sign(b"attributes", ec.ECDSA(hashes.SHA256())), b"attributes", ec.ECDSA(hashes.SHA256()))


def test_a_wrong_factor_carries_nothing(house: ConsentHouse) -> None:
    asked = ask(house)
    house.opened(asked)
    for _ in range(3):
        with pytest.raises(FactorRefused):
            house.approve(asked, house.totp(), passphrase=ANOTHER, under=CODE)
        house.forward(seconds=30)
    with pytest.raises(ActivationRefused):
        house.approve(asked, house.totp(), under=CODE)
    assert house.parts.authorisations.behind_code(secret_hash(CODE.reveal())) is None


def test_nothing_is_left_out_of_what_an_application_counts_on(house: ConsentHouse) -> None:
    asked = ask(house)
    house.opened(asked)
    with pytest.raises(ActivationRefused) as refused:
        house.approving.choose(asked.link, 1, left_out=True, session="s" * 64, signatory_id=house.who)
    assert refused.value.reason == "choice"


@pytest.mark.parametrize(
    ("digests", "reason"),
    [
        ((), "count"),
        (DIGESTS * 51, "count"),
        ((DIGESTS[0], DIGESTS[0]), "doubled"),
        ((AuthorisedDigest(value="00" * 20),), "not-a-digest"),
        ((AuthorisedDigest(value=digest("one").upper()),), "not-a-digest"),
    ],
)
def test_lists_that_nobody_could_approve_are_refused(
    house: ConsentHouse, digests: tuple[AuthorisedDigest, ...], reason: str
) -> None:
    with pytest.raises(ActivationRefused) as refused:
        ask(house, digests=digests)
    assert refused.value.reason == reason


def test_what_is_approved_names_purpose_origin_and_description(house: ConsentHouse) -> None:
    digests = {
        transaction_digest(ask(house, **difference).request)
        for difference in ({}, {"origin": "csc/v1"}, {"description": "Lain"})
    }
    assert len(digests) == 3


@pytest.mark.parametrize("under", [None, CODE])
def test_digests_alone_and_nothing_else_are_approved_under_a_code(house: ConsentHouse, under: Secret | None) -> None:
    asked = ask(house) if under is None else house.asked()
    house.opened(asked)
    with pytest.raises(ValueError, match="code"):
        house.approve(asked, house.totp(), under=under)
