"""The OCSP responder is renewed in time, with a new key under a new name."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ca.ceremony import ISSUING_CA_ID
from ca.errors import Misconfigured
from ca.issuer import Issuer
from ca.ocsp import OcspResponder
from ca.responder_renewal import OwnCertificate, new_responder, renew_responder_if_due
from tests.support.ca_hierarchy import NAMES, World, new_world


def renew(world: World, made: list[str]) -> OwnCertificate | None:
    def make_key(label: str, curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
        made.append(label)
        return ec.generate_private_key(curve)

    return renew_responder_if_due(
        current=world.hierarchy.responder,
        make_key=make_key,
        issuance=world.issuance(),
        names=NAMES,
        periods=world.periods,
        now=world.clock,
        actor="job",
        ca_ends=world.issuing_ca.not_valid_after_utc,
    )


def test_nothing_is_renewed_before_ten_days_are_left() -> None:
    world, made = new_world(), []
    world.clock.advance(days=20, seconds=-1)
    assert renew(world, made) is None
    assert made == []


def test_the_new_responder_has_a_new_name_and_key_and_answers() -> None:
    world, made = new_world(), []
    world.clock.advance(days=20)
    renewed = renew(world, made)
    assert renewed is not None
    assert made == [renewed.label] == ["ocsp-2026-12-11"]
    (name,) = renewed.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == "Teken OCSP 2026-12-11"
    assert renewed.certificate.public_key() != world.hierarchy.responder.public_key()
    responder = OcspResponder(
        log=world.log,
        issuer_id="ca-1-g1",
        issuer=world.issuing_ca,
        certificate=renewed.certificate,
        key=renewed.key,
        periods=world.periods,
        now=world.clock,
    )
    world.clock.advance(days=29)
    assert responder.status_of(world.hierarchy.tsu)


def test_until_its_end_a_ca_has_a_responder_and_the_last_one_ends_with_it() -> None:
    """Renewed whenever it is due, day by day: there is never a day without one, and no flood of them at the end."""
    world = new_world()
    end = world.issuing_ca.not_valid_after_utc
    world.clock.at = end - timedelta(days=52)
    issuance = world.issuance(
        issuer=Issuer(
            id=ISSUING_CA_ID,
            certificate=world.issuing_ca,
            key=world.keys[ISSUING_CA_ID],
            chain=(world.root,),
            names=NAMES,
            now=world.clock,
            minimum_life=timedelta(0),
        )
    )
    common: dict[str, Any] = {
        "make_key": lambda _, curve: ec.generate_private_key(curve),
        "issuance": issuance,
        "names": NAMES,
        "actor": "job",
    }
    current, made = new_responder(**common, at=world.clock()).certificate, 0
    while world.clock() < end:
        assert current.not_valid_after_utc > world.clock()
        renewed = renew_responder_if_due(**common, current=current, periods=world.periods, now=world.clock, ca_ends=end)
        if renewed is not None:
            current, made = renewed.certificate, made + 1
        world.clock.advance(days=1)
    assert current.not_valid_after_utc == end
    assert made <= 3


def test_a_ca_near_its_end_issues_nothing_else() -> None:
    world = new_world()
    world.clock.at = world.issuing_ca.not_valid_after_utc - timedelta(days=29)
    with pytest.raises(Misconfigured, match="set up its successor"):
        world.issuer()
