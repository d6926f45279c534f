"""Codes that sign for an official: what is refused first, then what works. Keys, signatures and database are real."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from signer.api_credentials import Terms
from signer.code_model import CodeSession, SessionEnd
from signer.code_sessions import SessionTerms
from signer.errors import CodeSessionRefused, CredentialUnusable, FactorRefused, KeyUnavailable
from signer.factors.model import RecoveryProof, TotpProof
from signer.model import Credential, CredentialState, Secret
from store.code_sessions import SqlCodeSessions
from store.factors import SqlFactorStore
from tests.support.real_gateway import EMAIL, NIK, OTHER_NIK, PASSPHRASE, RealGateway
from tests.unit.api.faces.esign.test_gateway_v2 import PDF, b64, pki, real, refused, sealing, sealing_code, signed_by
from verifier.model import Indication

__all__ = ["pki", "real"]

USER = "e-office-utama"
OTHER_PDF = PDF + b"\n% lain"


def opened(real: RealGateway, **terms: int) -> tuple[Credential, CodeSession]:
    """An official with an open session for the one application."""
    who = real.official()
    return who, real.codes.open(who, PASSPHRASE, USER, **terms)


def ask(real: RealGateway, files: object = 1, nik: str = NIK) -> Any:
    return real.post("/api/v2/sign/get/totp", {"nik": nik, "data": files})


def code(real: RealGateway, files: int | str = 1, nik: str = NIK) -> str:
    answer = ask(real, files, nik)
    assert (answer.status_code, answer.json()) == (
        200,
        {"message": "Kode sekali pakai telah dikirim ke surel penanda tangan."},
    )
    return real.codes.mailbox.codes[-1]


def other(right: str) -> str:
    return f"{(int(right) + 1) % 10**6:06}"


def calling(typed: str, *files: bytes, name: str = "totp", nik: str = NIK, **more: Any) -> dict[str, Any]:
    """A call of v2 with a code as clients write it."""
    return {
        "nik": nik,
        name: typed,
        "signatureProperties": [{"tampilan": "INVISIBLE"}],
        "file": [b64(each) for each in files or (PDF,)],
        **more,
    }


def sign(real: RealGateway, typed: str, *files: bytes, **more: Any) -> Any:
    return real.post("/api/v2/sign/pdf", calling(typed, *files, **more))


def sign_v1(real: RealGateway, typed: str, *, name: str = "totp", pdf: bytes = PDF) -> Any:
    fields = {"nik": NIK, name: typed, "tampilan": "invisible"}
    return real.http.post("/api/sign/pdf", data=fields, files={"file": ("surat.pdf", pdf)}, auth=real.basic)


def state(real: RealGateway, who: Credential) -> CodeSession:
    return real.codes.sessions.seen(who.signatory.id)[0].session


# refused


def test_without_an_open_session_no_code_is_sent_and_none_is_good(real: RealGateway) -> None:
    real.official()
    for answer in (ask(real), sign(real, "123456"), sign_v1(real, "123456")):
        assert "/desk/codes" in refused(answer, 400)
    assert real.codes.mailbox.codes == []


def test_what_is_no_number_or_no_signer_gets_no_code(real: RealGateway) -> None:
    opened(real)
    for count in ("banyak", 0, -1, None, True, 10**30):
        refused(ask(real, count), 400)
    refused(ask(real, nik="77"), 400, 2011)
    assert real.codes.mailbox.codes == []


def test_a_session_is_nothing_to_another_application(real: RealGateway) -> None:
    opened(real)
    typed = code(real)
    second = real.another("e-office-lain", codes=True)
    assert "/desk/codes" in refused(_as(real, second, "get/totp"), 400)
    assert "/desk/codes" in refused(_as(real, second, "pdf", typed), 400)
    assert len(signed_by(sign(real, typed))) == 1, "and it cost the first one nothing"


def _as(real: RealGateway, basic: tuple[str, str], path: str, typed: str = "") -> Any:
    body = calling(typed) if path == "pdf" else {"nik": NIK, "data": 1}
    return real.http.post(f"/api/v2/sign/{path}", json=body, auth=basic)


def test_codes_are_off_unless_an_administrator_allowed_them(real: RealGateway) -> None:
    who = real.official()
    basic = real.another("e-office-tanpa-kode")
    refused(_as(real, basic, "get/totp"), 403)
    assert "passphrase" in refused(_as(real, basic, "pdf", "123456"), 403)
    with pytest.raises(CodeSessionRefused) as caught:
        real.codes.open(who, PASSPHRASE, "e-office-tanpa-kode")
    assert caught.value.reason == "not-allowed"


def test_an_expired_session_signs_nothing_and_sends_nothing(real: RealGateway) -> None:
    opened(real, hours=1)
    real.office.forward(minutes=58)
    typed = code(real)
    real.office.forward(minutes=2)
    assert "/desk/codes" in refused(sign(real, typed), 400)
    assert "/desk/codes" in refused(ask(real), 400)


def test_a_used_up_session_signs_no_more(real: RealGateway) -> None:
    who, _ = opened(real, documents=2)
    assert "tidak cukup" in refused(ask(real, 3), 400)
    signed_by(sign(real, code(real, 2), PDF, OTHER_PDF))
    assert "tidak cukup" in refused(ask(real), 400)
    assert state(real, who).used == 2


def test_a_revoked_session_signs_nothing_from_that_moment_on(real: RealGateway) -> None:
    who, session = opened(real)
    typed = code(real)
    real.codes.sessions.end(session.id, who.signatory.id)
    assert "/desk/codes" in refused(sign(real, typed), 400)
    assert SqlCodeSessions(real.database).key(session.id) is None, "and its key is gone"
    with pytest.raises(CodeSessionRefused):
        real.codes.sessions.end(session.id, who.signatory.id)


def test_nobody_else_sees_or_ends_a_session(real: RealGateway) -> None:
    _, session = opened(real)
    stranger = real.official(OTHER_NIK, "lain@contoh.go.id").signatory.id
    with pytest.raises(CodeSessionRefused):
        real.codes.sessions.end(session.id, stranger)
    assert real.codes.sessions.seen(stranger) == ()
    signed_by(sign(real, code(real)))


def test_a_suspended_credential_ends_its_sessions_for_good(real: RealGateway) -> None:
    who, session = opened(real)
    typed = code(real)
    real.office.kept.set_state(who.id, CredentialState.SUSPENDED, actor="registrar", at=real.office.at)
    refused(sign(real, typed), 400)
    real.office.kept.set_state(who.id, CredentialState.ACTIVE, actor="registrar", at=real.office.at)
    assert "/desk/codes" in refused(sign(real, typed), 400)
    assert state(real, who).ended_for is SessionEnd.CREDENTIAL
    assert SqlCodeSessions(real.database).key(session.id) is None


def test_guessed_passphrases_keep_codes_from_signing(real: RealGateway) -> None:
    opened(real)
    typed = code(real)
    real.execute("UPDATE credentials SET state = 'suspended', guessed_out = true")
    refused(sign(real, typed), 400)


@pytest.mark.parametrize("how", ["codes", "disabled", "rotated", "removed"])
def test_whatever_an_administrator_does_to_the_api_credential_ends_its_sessions(real: RealGateway, how: str) -> None:
    who, _ = opened(real)
    typed = code(real)
    if how == "codes":
        real.api_credentials.change(USER, Terms(codes=False), actor="admin")
        refused(sign(real, typed), 403)
        real.api_credentials.change(USER, Terms(codes=True), actor="admin")
    elif how == "disabled":
        real.api_credentials.enable(USER, False, actor="admin")
        refused(sign(real, typed), 403)
        real.api_credentials.enable(USER, True, actor="admin")
    elif how == "rotated":
        real.basic = USER, real.api_credentials.rotate(USER, actor="admin").password.reveal()
    else:
        real.api_credentials.remove(USER, actor="admin")
        refused(sign(real, typed), 401)
        made = real.api_credentials.add(USER, "e-office", Terms(codes=True), actor="admin")
        real.basic = USER, made.password.reveal()
    assert "/desk/codes" in refused(sign(real, typed), 400)
    assert state(real, who).ended_for is SessionEnd.APPLICATION


def test_another_passphrase_and_a_reset_of_factors_end_sessions(real: RealGateway) -> None:
    who, _ = opened(real)
    real.office.credentials.change_passphrase(who.id, Secret(PASSPHRASE), Secret("delapan sungai mencari laut"), "self")
    assert "/desk/codes" in refused(ask(real), 400)
    real.office.forward(minutes=1)
    real.codes.open(who, "delapan sungai mencari laut", USER)
    SqlFactorStore(real.database).reset(who.signatory.id, actor="office", at=real.office.at)
    assert "/desk/codes" in refused(ask(real), 400)


def test_the_fifth_wrong_code_ends_the_code(real: RealGateway) -> None:
    who, _ = opened(real)
    typed = code(real)
    for _ in range(4):
        refused(sign(real, other(typed)), 400)
    assert state(real, who).ended_at is None
    refused(sign_v1(real, other(typed)), 400)
    refused(sign(real, typed), 400)
    assert real.trail().count("signing-code.wrong") == 5
    assert state(real, who).used == 0


def test_the_tenth_wrong_code_ends_the_session_and_the_official_is_told(real: RealGateway) -> None:
    who, _ = opened(real)
    for _ in range(2):
        typed = code(real)
        for _ in range(5):
            refused(sign(real, other(typed)), 400)
        real.office.forward(minutes=1)
    assert state(real, who).ended_for is SessionEnd.WRONG_CODES
    assert "/desk/codes" in refused(ask(real), 400)
    assert told(real)[-1][:1] == ("code-session-ended",)


def told(real: RealGateway) -> list[tuple[Any, ...]]:
    """Which application and how many documents the official hears of, oldest first."""
    with real.database.transaction() as session:
        rows = session.execute(
            text("SELECT event, application, documents FROM factor_notices WHERE event LIKE 'code-%' ORDER BY at")
        )
        return [tuple(row) for row in rows]


def test_a_code_of_another_official_is_wrong(real: RealGateway) -> None:
    opened(real)
    second = real.official(OTHER_NIK, "lain@contoh.go.id", "I Contoh Lain")
    typed = code(real)
    assert "/desk/codes" in refused(sign(real, typed, nik=OTHER_NIK), 400)
    real.codes.open(second, PASSPHRASE, USER)
    refused(sign(real, typed, nik=OTHER_NIK), 400)
    theirs = code(real, nik=OTHER_NIK)
    refused(sign(real, typed, nik=OTHER_NIK), 400)
    assert state(real, second).wrong == (1 if theirs != typed else 0)
    assert len(signed_by(sign(real, typed))) == 1


def test_a_code_is_over_after_five_minutes_and_with_the_next_one(real: RealGateway) -> None:
    opened(real)
    first = code(real)
    real.office.forward(minutes=5)
    refused(sign(real, first), 400)
    second = code(real)
    real.office.forward(minutes=1)
    third = code(real)
    refused(sign(real, second), 400)
    assert len(signed_by(sign(real, third))) == 1


def test_a_code_is_for_one_call_and_no_more_files_than_it_says(real: RealGateway) -> None:
    who, _ = opened(real)
    typed = code(real, "2")
    assert "lebih sedikit" in refused(sign(real, typed, PDF, OTHER_PDF, PDF), 400)
    assert len(signed_by(sign(real, typed, PDF))) == 1
    refused(sign(real, typed, OTHER_PDF), 400)
    assert state(real, who).used == 1


def test_one_bad_file_costs_no_code_of_an_official(real: RealGateway) -> None:
    opened(real)
    typed = code(real, 2)
    assert refused(sign(real, typed, PDF, b"x"), 400).startswith("Berkas ke-2:")
    refused(sign_v1(real, typed, pdf=b"x"), 400)
    assert len(signed_by(sign(real, typed, PDF, OTHER_PDF))) == 2


def test_what_a_code_was_used_for_stays_used_up_where_the_key_does_not_answer(
    real: RealGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, _ = opened(real)
    typed = code(real)

    def away(*_: object, **__: object) -> None:
        raise KeyUnavailable("the token is away")

    with monkeypatch.context() as patched:
        patched.setattr(real.office.vault, "open_carried", away)
        refused(sign(real, typed), 503)
    refused(sign(real, typed, OTHER_PDF), 400)
    assert state(real, who).used == 1
    assert len(signed_by(sign(real, typed))) == 1, "the same call goes on"
    assert state(real, who).used == 1


def test_a_code_of_a_seal_signs_for_no_person_and_the_other_way_round(real: RealGateway) -> None:
    opened(real)
    seal = real.seal().signatory.id
    of_seal, of_person = sealing_code(real, seal), code(real)
    refused(sign(real, of_seal), 400)
    refused(real.post("/api/v2/seal/pdf", sealing(seal, of_person)), 400)
    assert len(signed_by(sign(real, of_person))) == 1
    assert len(signed_by(real.post("/api/v2/seal/pdf", sealing(seal, of_seal)))) == 1


def at_once(real: RealGateway, *bodies: dict[str, Any]) -> list[Any]:
    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(lambda body: real.post("/api/v2/sign/pdf", body), bodies))


def test_of_twenty_calls_with_one_code_at_once_exactly_one_signs(real: RealGateway) -> None:
    who, _ = opened(real)
    typed = code(real)
    answers = at_once(real, *(calling(typed, PDF + f"\n% {place}".encode()) for place in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 19]
    assert state(real, who).used == 1


def test_the_same_call_twice_at_once_is_one_document(real: RealGateway) -> None:
    who, _ = opened(real)
    typed = code(real)
    answers = at_once(real, *[calling(typed)] * 4)
    assert len({answer.text.partition('"file"')[2] for answer in answers}) == 1, [a.text[:90] for a in answers]
    assert signed_by(answers[0])
    assert state(real, who).used == 1


def test_mails_come_once_a_minute_unless_the_last_code_was_used(real: RealGateway) -> None:
    opened(real)
    typed = code(real)
    answer = ask(real)
    refused(answer, 429)
    assert answer.headers["Retry-After"] == "60"
    signed_by(sign(real, typed))
    code(real)
    assert len(real.codes.mailbox.codes) == 2


def test_mail_that_does_not_go_out_is_said(real: RealGateway) -> None:
    opened(real)
    real.codes.mailbox.fails = True
    answer = ask(real)
    refused(answer, 503)
    assert answer.headers["Retry-After"]


def test_wrong_codes_for_a_repeated_call_are_counted_too(real: RealGateway) -> None:
    opened(real)
    typed = code(real)
    first = signed_by(sign(real, typed))
    for _ in range(4):
        refused(sign(real, other(typed)), 400)
    assert signed_by(sign(real, typed)) == first
    refused(sign(real, other(typed)), 400)
    refused(sign(real, typed), 400)


# how a session is opened


@pytest.mark.parametrize("terms", [{"documents": 0}, {"documents": 501}, {"hours": 0}, {"hours": 25}])
def test_a_session_has_bounds(real: RealGateway, terms: dict[str, int]) -> None:
    with pytest.raises(CodeSessionRefused):
        opened(real, **terms)


def test_both_factors_are_tried_and_no_word_says_which_was_wrong(real: RealGateway) -> None:
    who = real.official()
    real.codes.with_authenticator(who)
    terms = SessionTerms(user_name=USER, documents=1, hours=1)
    wrong = TotpProof(code=Secret(other(real.codes.proof().code.reveal())))
    said = set()
    for passphrase, proof in (
        (PASSPHRASE, wrong),
        ("salah sekali ini", real.codes.proof()),
        (PASSPHRASE, RecoveryProof(code=Secret("AAAA-BBBB"))),
    ):
        with pytest.raises(FactorRefused) as caught:
            real.codes.sessions.open(real.codes.login(who), terms, Secret(passphrase), proof)
        said.add(str(caught.value))
    assert len(said) == 1
    assert real.codes.sessions.seen(who.signatory.id) == ()
    with pytest.raises(FactorRefused):  # a code that was shown is used up, right or not
        real.codes.sessions.open(real.codes.login(who), terms, Secret(PASSPHRASE), real.codes.proof())


def test_nobody_opens_a_session_whose_codes_reach_nobody(real: RealGateway) -> None:
    who = real.official(email=None)
    with pytest.raises(CodeSessionRefused) as caught:
        real.codes.open(who, PASSPHRASE, USER)
    assert caught.value.reason == "no-address"


def test_a_suspended_official_opens_none(real: RealGateway) -> None:
    who = real.official()
    real.office.kept.set_state(who.id, CredentialState.SUSPENDED, actor="registrar", at=real.office.at)
    with pytest.raises(CredentialUnusable):
        real.codes.open(who, PASSPHRASE, USER)


def test_another_session_for_the_same_application_takes_the_place_of_the_first(real: RealGateway) -> None:
    who, first = opened(real)
    typed = code(real)
    real.office.forward(minutes=1)
    second = real.codes.open(who, PASSPHRASE, USER, documents=3)
    newest, before = (each.session for each in real.codes.sessions.seen(who.signatory.id))
    assert (newest.id, before.id, before.ended_for) == (second.id, first.id, SessionEnd.REPLACED)
    refused(sign(real, typed), 400)
    signed_by(sign(real, code(real)))


def test_so_many_are_open_at_a_time_and_no_more(real: RealGateway) -> None:
    who, _ = opened(real)
    for place in range(5):
        real.another(f"e-office-{place}", codes=True)
    for place in range(4):
        real.office.forward(minutes=1)
        real.codes.open(who, PASSPHRASE, f"e-office-{place}")
    real.office.forward(minutes=1)
    with pytest.raises(CodeSessionRefused) as caught:
        real.codes.open(who, PASSPHRASE, "e-office-4")
    assert caught.value.reason == "too-many"
    assert len(real.codes.sessions.seen(who.signatory.id)) == 5


# what works


@pytest.mark.parametrize("name", ["totp", "otp"])
def test_c9_c10_a_code_signs_where_its_official_opened_a_session(real: RealGateway, name: str) -> None:
    who, _ = opened(real)
    (pdf,) = signed_by(sign(real, code(real), name=name))
    assert real.judged(pdf).indication is Indication.TOTAL_PASSED
    answer = sign_v1(real, code(real), name=name, pdf=OTHER_PDF)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text
    assert real.judged(answer.content).indication is Indication.TOTAL_PASSED
    (seen,) = real.codes.sessions.seen(who.signatory.id)
    assert (seen.session.used, seen.application, [each.documents for each in seen.uses]) == (2, "E-office", [1, 1])


@pytest.mark.parametrize("count", [2, "2"])
def test_g18_no_code_is_in_the_answer(real: RealGateway, count: int | str) -> None:
    who, _ = opened(real)
    typed = code(real, count)
    assert real.codes.mailbox.told == [(who.signatory.id, 2, "e-office")]
    assert typed not in real.trail()
    for body in ({"email": EMAIL}, {"nik": NIK, "email": EMAIL}):
        real.office.forward(minutes=1)
        assert real.post("/api/v2/sign/get/totp", {**body, "data": count}).status_code == 200


def test_the_same_call_with_its_code_again_gets_the_same_documents_and_counts_once(real: RealGateway) -> None:
    who, _ = opened(real)
    body = calling(code(real, 2), PDF, PDF)
    first = real.post("/api/v2/sign/pdf", body)
    assert len(signed_by(first)) == 2
    assert signed_by(real.post("/api/v2/sign/pdf", body)) == signed_by(first)
    assert state(real, who).used == 2
    real.office.forward(minutes=11)
    refused(real.post("/api/v2/sign/pdf", body), 400)


def test_after_a_timestamp_failure_the_same_call_with_its_code_goes_on(real: RealGateway) -> None:
    who, _ = opened(real, documents=1)
    body = calling(code(real))
    real.timestamper.broken = True
    refused(real.post("/api/v2/sign/pdf", body), 503)
    real.timestamper.broken = False
    assert len(signed_by(real.post("/api/v2/sign/pdf", body))) == 1
    assert state(real, who).used == 1


def test_the_official_is_told_of_each_use(real: RealGateway) -> None:
    who, session = opened(real)
    signed_by(sign(real, code(real, 2), PDF, OTHER_PDF))
    real.codes.sessions.end(session.id, who.signatory.id)
    assert sorted(told(real)) == [
        ("code-session-ended", "e-office", None),
        ("code-session-opened", "e-office", 10),
        ("code-session-used", "e-office", 2),
    ]


def test_no_secret_of_a_session_is_in_the_trail_or_in_its_row(real: RealGateway) -> None:
    _, session = opened(real)
    typed = code(real)
    signed_by(sign(real, typed))
    assert typed not in real.trail()
    assert PASSPHRASE not in real.trail()
    assert NIK not in real.trail()
    assert EMAIL not in real.trail()
    assert "code-session.open" in real.trail()
    assert session.id in real.trail()
