"""Factors change only for who shows the ones they have; what is lost comes back by paper or by a second person."""

from datetime import timedelta
from pathlib import Path

import pytest

from signer.errors import ApprovalRefused, FactorRefused, LinkRefused, NotPermitted
from signer.factors.model import FactorKind, PasskeyProof, RecoveryProof, Session, SignedInBy
from signer.model import Secret
from signer.people import Role
from store.audit import Act, AuditTrail
from store.database import Database
from tests.support.authenticator import SoftAuthenticator
from tests.support.consent import ConsentHouse, consent_house
from tests.support.databases import execute
from tests.support.office import ANOTHER, PASSPHRASE
from tests.support.pki import make_pki
from tests.unit.store.samples import together


@pytest.fixture
def house(tmp_path: Path, database: Database) -> ConsentHouse:
    return consent_house(tmp_path, database, make_pki())


def events(database_url: str) -> list[object]:
    return [event for (event,) in execute(database_url, "SELECT event FROM factor_notices ORDER BY at, id")]


def codes_of(house: ConsentHouse) -> tuple[str, ...]:
    return house.desk.new_codes(house.signed_in().session)


def test_a_link_is_good_once_and_only_with_the_passphrase(house: ConsentHouse) -> None:
    link = house.links.invite(house.who, actor="registrar")
    with pytest.raises(FactorRefused):
        house.desk.claim(link, ANOTHER)
    house.desk.claim(link, PASSPHRASE)
    with pytest.raises(LinkRefused):
        house.desk.claim(link, PASSPHRASE)


def test_of_many_who_claim_a_link_at_once_one_wins(house: ConsentHouse) -> None:
    link = house.links.invite(house.who, actor="registrar")
    outcomes = together(6, lambda _: house.desk.claim(link, PASSPHRASE))
    assert sum(not isinstance(each, Exception) for each in outcomes) == 1
    assert all(isinstance(each, LinkRefused) for each in outcomes if isinstance(each, Exception))


@pytest.mark.parametrize("link", ["", "A" * 43, "x", "A" * 500, "../" * 14 + "A"])
def test_a_guessed_link_opens_nothing(house: ConsentHouse, link: str) -> None:
    with pytest.raises(LinkRefused):
        house.desk.claim(link, PASSPHRASE)


def test_a_newer_link_and_time_end_a_link(house: ConsentHouse) -> None:
    old = house.links.invite(house.who, actor="registrar")
    new = house.links.invite(house.who, actor="registrar")
    with pytest.raises(LinkRefused):
        house.desk.behind(old)
    house.forward(hours=73)
    with pytest.raises(LinkRefused):
        house.desk.behind(new)


def acts(house: ConsentHouse, session: Session) -> dict[str, object]:
    """Everything that changes a factor."""
    return {
        "authenticator": lambda: house.desk.start_authenticator(session),
        "code": lambda: house.desk.finish_authenticator(session, Secret("000000")),
        "passkey": lambda: house.desk.start_passkey(session),
        "answer": lambda: house.desk.finish_passkey(session, "{}", "x"),
        "remove": lambda: house.desk.remove(session, house.store.held(house.who).passkeys[0].id),
        "unlock": lambda: house.desk.unlock(session, FactorKind.TOTP),
        "codes": lambda: house.desk.new_codes(session),
    }


@pytest.mark.parametrize("act", ["authenticator", "code", "passkey", "answer", "remove", "unlock", "codes"])
def test_a_login_alone_changes_no_factor(house: ConsentHouse, act: str, database_url: str) -> None:
    new = house.sign_in.with_code(house.who, Secret(house.code()))
    before = events(database_url)
    with pytest.raises(FactorRefused) as refused:
        acts(house, house.current(new))[act]()  # type: ignore[operator] - a function
    assert refused.value.reason == "not-confirmed"
    assert events(database_url) == before


def test_ten_minutes_after_the_factors_were_shown_nothing_changes_any_more(house: ConsentHouse) -> None:
    new = house.sign_in.with_code(house.who, Secret(house.code()))
    house.forward(seconds=30)
    house.desk.confirm(house.current(new), PASSPHRASE, house.totp())
    house.desk.new_codes(house.current(new))
    house.forward(minutes=10)
    with pytest.raises(FactorRefused):
        house.desk.new_codes(house.current(new))


@pytest.mark.parametrize("wrong", ["passphrase", "code", "none"])
def test_what_is_shown_again_has_to_be_right_in_both(house: ConsentHouse, wrong: str) -> None:
    new = house.sign_in.with_code(house.who, Secret(house.code()))
    house.forward(seconds=30)
    proof = {"passphrase": house.totp(), "code": house.wrong_code(), "none": None}[wrong]
    with pytest.raises(FactorRefused):
        house.desk.confirm(house.current(new), ANOTHER if wrong == "passphrase" else PASSPHRASE, proof)
    assert not house.current(new).confirmed(house.office.at)


def test_an_authenticator_counts_from_its_first_code_on_and_replaces_the_old_one(house: ConsentHouse) -> None:
    old = house.store.held(house.who).authenticator
    session = house.signed_in().session
    house.desk.start_authenticator(session)
    assert house.store.held(house.who).authenticator == old
    with pytest.raises(FactorRefused):
        house.desk.finish_authenticator(session, Secret(house.code()))  # that of the old one
    house.with_authenticator(session)
    new = house.store.held(house.who).authenticator
    assert new is not None
    assert old is not None
    assert new.id != old.id


def test_a_seed_opens_for_its_owner_alone_and_moves_to_the_newest_pepper(house: ConsentHouse) -> None:
    house.seeds.pepper = "pepper-2"
    assert house.factors.check(house.who, house.totp(), challenge=b"") is not None
    moved = house.store.held(house.who).authenticator
    assert moved is not None
    assert moved.seed.pepper_label == "pepper-2"
    house.forward(seconds=30)
    assert house.factors.check(house.who, house.totp(), challenge=b"") is not None


@pytest.mark.parametrize(
    "device",
    [
        SoftAuthenticator(origin="https://evil.example"),
        SoftAuthenticator(rp_id="evil.example"),
        SoftAuthenticator(verified=False),
    ],
)
def test_a_passkey_of_another_site_or_without_its_holder_is_not_registered(
    house: ConsentHouse, device: SoftAuthenticator
) -> None:
    session = house.signed_in().session
    with pytest.raises(FactorRefused):
        house.desk.finish_passkey(session, device.create(house.desk.start_passkey(session)), "x")


def test_a_passkey_answers_its_own_challenge_once_and_is_registered_once(house: ConsentHouse) -> None:
    session = house.signed_in().session
    options = house.desk.start_passkey(session)
    second = SoftAuthenticator()
    house.forward(seconds=1)
    house.desk.finish_passkey(session, second.create(options), "Kunci\u202e kedua")
    with pytest.raises(FactorRefused):
        house.desk.finish_passkey(session, SoftAuthenticator().create(options), "x")
    with pytest.raises(FactorRefused):
        house.desk.finish_passkey(session, second.create(house.desk.start_passkey(session)), "x")
    assert [each.label for each in house.store.held(house.who).passkeys] == ["Ponsel", "Kunci kedua"]


def test_five_passkeys_are_enough(house: ConsentHouse) -> None:
    session = house.signed_in().session
    for _ in range(4):
        house.desk.finish_passkey(session, SoftAuthenticator().create(house.desk.start_passkey(session)), "x")
    with pytest.raises(FactorRefused) as refused:
        house.desk.start_passkey(session)
    assert refused.value.reason == "count"


def test_the_last_factor_stays_also_when_two_are_removed_at_once(house: ConsentHouse) -> None:
    session = house.signed_in().session
    held = house.store.held(house.who)
    assert held.authenticator is not None
    ids = [held.authenticator.id, held.passkeys[0].id]
    outcomes = together(2, lambda place: house.desk.remove(session, ids[place]))
    assert sorted(type(each).__name__ for each in outcomes) == ["FactorRefused", "NoneType"]
    assert house.store.held(house.who).second


def test_nobody_removes_somebody_elses_factor(house: ConsentHouse) -> None:
    held = house.store.held(house.who)
    with pytest.raises(FactorRefused):
        house.store.remove("SOMEBODYELSE", held.passkeys[0].id, at=house.office.at)
    assert house.store.held(house.who) == held


def test_a_recovery_code_logs_in_once_and_with_the_passphrase_changes_factors(house: ConsentHouse) -> None:
    code = codes_of(house)[3]
    new = house.sign_in.with_recovery(Secret(code.lower().replace("-", " ")))
    assert new.session.by is SignedInBy.RECOVERY
    with pytest.raises(FactorRefused):
        house.desk.confirm(house.current(new), ANOTHER, None)
    house.desk.confirm(house.current(new), PASSPHRASE, None)
    house.with_authenticator(house.current(new))
    with pytest.raises(FactorRefused):
        house.sign_in.with_recovery(Secret(code))
    assert house.store.held(house.who).recovery_codes == 9


def test_a_login_by_recovery_code_counts_as_second_factor_for_ten_minutes(house: ConsentHouse) -> None:
    new = house.sign_in.with_recovery(Secret(codes_of(house)[0]))
    house.forward(minutes=10)
    with pytest.raises(FactorRefused):
        house.desk.confirm(house.current(new), PASSPHRASE, None)


def test_ten_different_codes_of_which_the_database_knows_hashes(house: ConsentHouse, database_url: str) -> None:
    codes = codes_of(house)
    assert len(set(codes)) == 10
    rows = repr(execute(database_url, "SELECT * FROM recovery_codes"))
    assert not any(code in rows or code.replace("-", "") in rows for code in codes)
    assert codes_of(house)[0] not in codes
    with pytest.raises(FactorRefused):
        house.sign_in.with_recovery(Secret(codes[0]))


def test_of_many_who_use_a_recovery_code_at_once_one_wins(house: ConsentHouse) -> None:
    code = Secret(codes_of(house)[0])
    outcomes = together(6, lambda _: house.sign_in.with_recovery(code))
    assert sum(not isinstance(each, Exception) for each in outcomes) == 1


def lock(house: ConsentHouse, kind: FactorKind) -> None:
    """Ten failures, with the waits between."""
    for _ in range(10):
        assert house.store.begin_attempt(house.who, kind, at=house.office.at)
        house.forward(hours=1)
    assert not house.store.begin_attempt(house.who, kind, at=house.office.at + timedelta(days=365))


def test_another_factor_unlocks_a_locked_one_and_the_person_is_told(house: ConsentHouse, database_url: str) -> None:
    lock(house, FactorKind.TOTP)
    new = house.sign_in.with_passkey(
        (waiting := house.sign_in.begin(None, SignedInBy.NOBODY)).session,
        house.device.get(house.sign_in.passkey_options(waiting.session)),
    )
    options = house.desk.confirm_options(house.current(new))
    assert options is not None
    house.desk.confirm(house.current(new), PASSPHRASE, PasskeyProof(assertion=house.device.get(options)))
    house.desk.unlock(house.current(new), FactorKind.TOTP)
    assert house.factors.check(house.who, house.totp(), challenge=b"") is not None
    assert [each for each in events(database_url) if each in ("factor-locked", "factor-unlocked")] == [
        "factor-locked",
        "factor-unlocked",
    ]


def test_a_login_by_code_only_ever_waits(house: ConsentHouse) -> None:
    for _ in range(30):
        assert house.store.begin_attempt(house.who, FactorKind.SIGN_IN, at=house.office.at)
        house.forward(hours=1)
    assert not house.store.held(house.who).locked(FactorKind.SIGN_IN)
    assert house.store.held(house.who).usable == {FactorKind.TOTP, FactorKind.PASSKEY}
    house.sign_in.with_code(house.who, Secret(house.code()))


def test_wrong_logins_lock_no_factor_for_signing(house: ConsentHouse) -> None:
    for _ in range(12):
        with pytest.raises(FactorRefused):
            house.sign_in.with_code(house.who, house.wrong_code().code)
    assert house.store.begin_attempt(house.who, FactorKind.TOTP, at=house.office.at)


def test_a_registrar_unlocks_and_nobody_else(house: ConsentHouse) -> None:
    lock(house, FactorKind.TOTP)
    for role in (Role.APPROVER, Role.ADMINISTRATOR, Role.AUDITOR):
        with pytest.raises(NotPermitted):
            house.factor_office.unlock(house.who, house.office.caller(role).member)
    house.factor_office.unlock(house.who, house.office.caller(Role.REGISTRAR).member)
    assert house.factors.check(house.who, house.totp(), challenge=b"") is not None


def test_a_reset_needs_a_second_person_and_is_for_one_official_once(
    house: ConsentHouse, database: Database, database_url: str
) -> None:
    registrar, approver = house.office.caller(Role.REGISTRAR).member, house.office.caller(Role.APPROVER)
    login = house.sign_in.with_code(house.who, Secret(house.code()))
    with pytest.raises(NotPermitted):
        house.factor_office.propose_reset(house.who, "Ponsel hilang", approver.member)
    proposed = house.factor_office.propose_reset(house.who, "Ponsel hilang", registrar)
    with pytest.raises(ApprovalRefused):
        house.factor_office.reset(house.who, proposed.id, registrar)
    house.office.people.office.decide(approver, proposed.id, approve=True)
    with pytest.raises(ApprovalRefused):
        house.factor_office.reset("SOMEBODYELSE", proposed.id, registrar)
    link = house.factor_office.reset(house.who, proposed.id, registrar)
    with pytest.raises(ApprovalRefused):
        house.factor_office.reset(house.who, proposed.id, registrar)
    assert not house.store.held(house.who).second
    assert house.sign_in.find(login.token) is None
    session = house.desk.claim(link, PASSPHRASE).session
    house.with_authenticator(session)
    assert house.store.held(house.who).usable == {FactorKind.TOTP}
    assert "factors-reset" in events(database_url)
    assert any("factors-reset" in (each.reason or "") for each in AuditTrail(database).read(act=Act.FACTOR_CHANGE))


def test_a_session_ends_by_leaving_by_idling_and_by_age(house: ConsentHouse) -> None:
    left = house.sign_in.with_code(house.who, Secret(house.code()))
    house.sign_in.end(left.session)
    assert house.sign_in.find(left.token) is None
    house.forward(seconds=30)
    idle = house.sign_in.with_code(house.who, Secret(house.code()))
    house.forward(minutes=29)
    assert house.sign_in.find(idle.token) is not None
    house.forward(minutes=30)
    assert house.sign_in.find(idle.token) is None
    aged = house.sign_in.with_code(house.who, Secret(house.code()))
    for _ in range(19):
        house.forward(minutes=25)
        assert house.sign_in.find(aged.token) is not None
    house.forward(minutes=25)
    assert house.sign_in.find(aged.token) is None


@pytest.mark.parametrize("token", [None, "", "A" * 43, "x" * 5000])
def test_a_guessed_session_is_nobodys(house: ConsentHouse, token: str | None) -> None:
    assert house.sign_in.find(token) is None


def test_a_login_by_passkey_answers_its_own_challenge_once(house: ConsentHouse) -> None:
    waiting = house.sign_in.begin(None, SignedInBy.NOBODY)
    answer = house.device.get(house.sign_in.passkey_options(waiting.session))
    new = house.sign_in.with_passkey(waiting.session, answer)
    assert new.session.signatory_id == house.who
    assert house.sign_in.find(waiting.token) is None
    again = house.sign_in.begin(None, SignedInBy.NOBODY)
    for session in (waiting.session, again.session):
        with pytest.raises(FactorRefused):
            house.sign_in.with_passkey(session, answer)


def test_a_recovery_code_of_another_person_is_not_used_up(house: ConsentHouse) -> None:
    code = codes_of(house)[0]
    assert house.factors.check("SOMEBODYELSE", RecoveryProof(code=Secret(code)), challenge=b"") is None
    assert house.store.held(house.who).recovery_codes == 10


def test_a_suspended_official_proves_nothing(house: ConsentHouse) -> None:
    link = house.links.invite(house.who, actor="registrar")
    house.office.credentials.suspend(house.credential.id, "registrar")
    with pytest.raises(FactorRefused):
        house.desk.claim(link, PASSPHRASE)
