"""The next time-stamping unit: in time, under a new name, with a new key."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ca.errors import Misconfigured
from ca.responder_renewal import OwnCertificate
from ca.timestamp import TimestampAuthority
from ca.tsu_renewal import renew_unit_if_due
from tests.support.ca_hierarchy import NAMES, NOON, World, new_world


def renewal(world: World, used: set[str]) -> OwnCertificate | None:
    return renew_unit_if_due(
        current=world.hierarchy.tsu,
        used=used,
        make_key=lambda _, curve: ec.generate_private_key(curve),
        issuance=world.issuance(),
        names=NAMES,
        now=world.clock,
        actor="renewal",
    )


def test_a_unit_is_left_alone_until_thirty_days_before_its_keys_end() -> None:
    world = new_world()
    world.clock.at = NOON + timedelta(days=334)
    assert renewal(world, {world.hierarchy.tsu_id}) is None
    world.clock.advance(days=1)
    assert renewal(world, {world.hierarchy.tsu_id}) is not None


def test_the_next_unit_counts_on_has_a_new_key_and_stamps() -> None:
    world = new_world()
    world.clock.at = NOON + timedelta(days=340)
    made = renewal(world, {"tsu-2026-1", "tsu-2027-1"})
    assert made is not None
    assert made.label == "tsu-2027-2"
    assert made.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "Teken TSU 2027-2"
    assert made.certificate.public_key() != world.hierarchy.tsu.public_key()
    unit = TimestampAuthority(
        certificate=made.certificate,
        chain=(world.issuing_ca, world.root),
        key=made.key,
        policy_oid=NAMES.oid(2, 1),
        log=world.stamps,
        clock=world.clock,
        random_bytes=lambda size: b"\x11" * size,
    )
    world.clock.advance(days=364)
    assert unit.timestamp(bytes(32), "sha256")


def test_late_in_the_life_of_the_ca_there_is_no_next_unit() -> None:
    world = new_world()
    world.clock.at = NOON + timedelta(days=6 * 365)
    with pytest.raises(Misconfigured):
        renewal(world, set())
