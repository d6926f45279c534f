"""The OCSP responder is renewed in time, with a new key under a new name."""

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ca.ocsp import OcspResponder
from ca.responder_renewal import OwnCertificate, renew_responder_if_due
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
