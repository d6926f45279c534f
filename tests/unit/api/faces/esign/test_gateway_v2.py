"""Status, registration, verification, v2 signing and seals at the gateway's door; keys and signatures are real."""

import base64
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from signer.errors import NotPermitted
from signer.model import CredentialState
from signer.people import RegistrationState, Role, StatusWord
from tests.support.letters import letter
from tests.support.pki import Pki, make_pki
from tests.support.real_gateway import EMAIL, NIK, OTHER_NIK, PASSPHRASE, RealGateway, real_gateway
from tests.support.signing import counted_bytes
from tests.vectors.encrypted import encrypted_letter
from tests.vectors.letters import pages
from verifier.model import Indication

PDF = letter()


def b64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


@pytest.fixture(scope="module")
def pki() -> Pki:
    return make_pki()


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Fields are read and answers written alike on both; what codes and seals are used up by is tested on each."""
    return sqlite_url


@pytest.fixture
def real(tmp_path: Path, database_url: str, pki: Pki) -> Iterator[RealGateway]:
    with real_gateway(tmp_path, database_url, pki, counted_bytes()) as gateway:
        yield gateway


def refused(answer: Any, status: int, code: int | None = None) -> str:
    """An error of this face: JSON with one sentence and an integer."""
    body = answer.json()
    assert answer.status_code == status, body
    assert answer.headers["content-type"].startswith("application/json")
    assert body.keys() == {"error", "status_code"}
    assert body["status_code"] == (status if code is None else code)
    assert isinstance(body["error"], str)
    assert NIK not in body["error"]
    return body["error"]


# status and registration


def test_i1_i3_status_of_v1_has_an_integer_and_unknown_is_no_error(real: RealGateway) -> None:
    real.official()
    answer = real.http.get(f"/api/user/status/{NIK}", auth=real.basic)
    assert answer.status_code == 200
    assert answer.json() == {
        "status_code": 1111,
        "status": "ISSUE",
        "message": "Penanda tangan terdaftar dan sertifikatnya aktif.",
    }
    unknown = real.http.get(f"/api/user/status/{OTHER_NIK}", auth=real.basic)
    assert unknown.status_code == 200
    assert (unknown.json()["status_code"], unknown.json()["status"]) == (1110, "NOT_REGISTERED")


def test_c6_a_lost_leading_zero_is_put_back(real: RealGateway) -> None:
    real.official()
    assert real.http.get(f"/api/user/status/{int(NIK)}", auth=real.basic).json()["status_code"] == 1111
    body = {"nik": int(NIK)}
    assert real.post("/api/v2/user/check/status", body).json()["status_code"] == "1111"


def test_i4_a_get_with_a_body_is_answered(real: RealGateway) -> None:
    real.official()
    path, headers = f"/api/user/status/{NIK}", {"Content-Type": "application/json"}
    for body in (b"{}", b'""'):
        answer = real.http.request("GET", path, content=body, headers=headers, auth=real.basic)
        assert answer.json()["status_code"] == 1111


def test_i2_i5_status_of_v2_has_a_text_at_every_spelling(real: RealGateway) -> None:
    real.official()
    for path in ("check/status", "check/status/", "check-status", "check-status/"):
        for body in ({"nik": NIK}, {"email": EMAIL.upper()}, {"nik": NIK, "email": EMAIL}):
            answer = real.post(f"/api/v2/user/{path}", body)
            assert (answer.status_code, answer.json()["status_code"], answer.json()["status"]) == (200, "1111", "ISSUE")
    assert real.post("/api/v2/user/check/status", {"email": "x@contoh.go.id"}).json()["status_code"] == "1110"
    refused(real.post("/api/v2/user/check/status", {}), 400)
    refused(real.post("/api/v2/user/check/status", {"nik": "12a"}), 400)


def test_an_address_of_two_people_names_nobody(real: RealGateway) -> None:
    real.official()
    real.official(OTHER_NIK)
    assert "NIK" in refused(real.post("/api/v2/user/check/status", {"email": EMAIL}), 400)


def test_a_seals_keeper_is_no_signer(real: RealGateway) -> None:
    seal = real.seal()
    real.contact(seal.signatory.id, EMAIL)
    assert real.post("/api/v2/user/check/status", {"email": EMAIL}).json()["status"] == "NOT_REGISTERED"


def test_i6_i7_registration_waits_for_a_registrar(real: RealGateway) -> None:
    said = {"message": "Permohonan pendaftaran diterima.", "status": "WAITING_FOR_VERIFICATION"}
    body = {"nama": "Ni Contoh Baru", "email": "baru@contoh.go.id"}
    for path in ("/api/v2/user/registration", "/api/v2/user/register", "/api/user/registrasi"):
        answer = real.post(path, body)
        assert (answer.status_code, answer.json()) == (200, said)
    (waiting,) = real.service.services.esign.enrolments.open()
    assert (waiting.name, waiting.email, waiting.client_id) == ("Ni Contoh Baru", "baru@contoh.go.id", "e-office")
    assert real.post("/api/v2/user/check/status", {"email": "Baru@contoh.go.id"}).json()["status"] == said["status"]
    assert real.people.office.open_registrations(real.office.caller(Role.REGISTRAR)) == ()
    assert "baru@" not in real.trail(), "an address is no business of the trail"
    registrar, desk = real.office.caller(Role.REGISTRAR), real.people.directory
    assert desk.enrolment_requests(registrar) == (waiting,)
    with pytest.raises(NotPermitted):
        desk.close_enrolment_request(real.office.caller(Role.AUDITOR), waiting.id)
    desk.close_enrolment_request(registrar, waiting.id)
    assert desk.enrolment_requests(registrar) == ()


def test_a_known_address_gets_the_same_answer_and_leaves_nothing(real: RealGateway) -> None:
    real.official()
    answer = real.post("/api/v2/user/registration", {"nama": "Ni Contoh", "email": EMAIL.upper()})
    assert (answer.status_code, answer.json()["status"]) == (200, "WAITING_FOR_VERIFICATION")
    assert real.service.services.esign.enrolments.open() == ()


@pytest.mark.parametrize(
    "body",
    [
        {"nama": "Ni Contoh"},
        {"nama": "Ni Contoh", "email": "tidak ada"},
        {"email": "a@contoh.go.id"},
        {"nama": NIK, "email": "a@contoh.go.id"},
        {"nama": ["x"], "email": "a@contoh.go.id"},
    ],
)
def test_what_is_no_registration_is_refused(real: RealGateway, body: dict[str, Any]) -> None:
    refused(real.post("/api/v2/user/registration", body), 400)
    assert real.service.services.esign.enrolments.open() == ()


def test_so_many_requests_wait_and_no_more(real: RealGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signer.enrolment_requests.MOST_OPEN", 2)
    for number in range(2):
        body = {"nama": "Ni Contoh", "email": f"n{number}@contoh.go.id"}
        assert real.post("/api/v2/user/registration", body).status_code == 200
    answer = real.post("/api/v2/user/registration", {"nama": "Ni Contoh", "email": "n9@contoh.go.id"})
    refused(answer, 429)
    assert answer.headers["Retry-After"]


def test_calls_of_client_code_that_would_tell_too_much_are_not_there(real: RealGateway) -> None:
    for path in (f"user/profile/{NIK}", f"user/passphrase/forget/{NIK}", "entity/report"):
        answer = real.http.get(f"/api/{path}", auth=real.basic)
        assert (answer.status_code, answer.json()) == (
            404,
            {"error": "Layanan ini tidak tersedia.", "status_code": 404},
        )


STATES = {
    StatusWord.ISSUE: (CredentialState.ACTIVE, None, False),
    StatusWord.SUSPEND: (CredentialState.SUSPENDED, None, False),
    StatusWord.REVOKE: (CredentialState.REVOKED, None, False),
    StatusWord.EXPIRED: (CredentialState.ACTIVE, None, True),
    StatusWord.RENEW: (CredentialState.ACTIVE, RegistrationState.APPROVED, True),
    StatusWord.NO_CERTIFICATE: (CredentialState.RETIRED, RegistrationState.APPROVED, False),
    StatusWord.WAITING_FOR_VERIFICATION: (CredentialState.RETIRED, RegistrationState.PROPOSED, False),
    StatusWord.NEW: (CredentialState.RETIRED, RegistrationState.REJECTED, False),
}


@pytest.mark.parametrize("word", [*STATES, StatusWord.NOT_REGISTERED])
def test_c11_only_issue_signs(real: RealGateway, word: StatusWord) -> None:
    if word is not StatusWord.NOT_REGISTERED:
        state, registration, over = STATES[word]
        made = real.official()
        if state is not CredentialState.ACTIVE:
            real.office.kept.set_state(made.id, state, actor="test", at=real.office.at)
        if registration is not None:
            real.execute(f"UPDATE officials SET registration_state = '{registration.value}'")  # noqa: S608 - ours
        if over:
            real.office.forward(days=1000)
    status = real.http.get(f"/api/user/status/{NIK}", auth=real.basic).json()
    assert status["status"] == word.value
    assert status["status_code"] == (1111 if word is StatusWord.ISSUE else 1110)
    answer = real.post("/api/v2/sign/pdf", signing())
    if word is StatusWord.ISSUE:
        assert answer.status_code == 200
    elif word is StatusWord.NOT_REGISTERED:
        refused(answer, 400, 2011)
    else:
        assert word.value in refused(answer, 400)


# v2 signing


def signing(*files: bytes, **more: Any) -> dict[str, Any]:
    """A call of v2 as clients write it."""
    return {
        "nik": NIK,
        "passphrase": PASSPHRASE,
        "signatureProperties": [{"tampilan": "INVISIBLE", "reason": "", "location": None}],
        "file": [b64(each) for each in files or (PDF,)],
        **more,
    }


def signed_by(answer: Any) -> list[bytes]:
    body = answer.json()
    assert answer.status_code == 200, body
    assert list(body) == ["time", "file"]
    assert isinstance(body["time"], int)
    assert all("\n" not in each for each in body["file"])
    return [base64.b64decode(each, validate=True) for each in body["file"]]


def test_c2_c3_c4_c5_nik_or_address_or_both_of_one_person(real: RealGateway) -> None:
    real.official()
    real.official(OTHER_NIK, "lain@contoh.go.id", "I Contoh Lain")
    one = signing()
    for who in ({"nik": NIK}, {"email": EMAIL}, {"nik": NIK, "email": EMAIL}, {"nik": int(NIK)}):
        (pdf,) = signed_by(real.post("/api/v2/sign/pdf", {**{k: v for k, v in one.items() if k != "nik"}, **who}))
        assert real.judged(pdf).indication is Indication.TOTAL_PASSED
    refused(real.post("/api/v2/sign/pdf", {**one, "email": "lain@contoh.go.id"}), 400)
    refused(real.post("/api/v2/sign/pdf", {**one, "nik": None}), 400)
    refused(real.post("/api/v2/sign/pdf", {**one, "nik": "9"}), 400, 2011)


def test_g1_g2_g3_g4_g5_one_property_for_all_or_one_each(real: RealGateway) -> None:
    real.official()
    files = [PDF, PDF + b"\n% dua", PDF + b"\n% tiga"]
    shared = signed_by(real.post("/api/v2/sign/pdf", signing(*files)))
    assert [pdf[: len(file)] for pdf, file in zip(shared, files, strict=True)] == files, "the order is kept"
    each = [{"tampilan": "invisible", "reason": f"Alasan {number}"} for number in range(3)]
    own = signed_by(real.post("/api/v2/sign/pdf", signing(*files, signatureProperties=each)))
    assert [real.judged(pdf).signatures[0].facts.reason for pdf in own] == ["Alasan 0", "Alasan 1", "Alasan 2"]
    for wrong in (each[:2], [], "x", [1]):
        refused(real.post("/api/v2/sign/pdf", signing(*files, signatureProperties=wrong)), 400)
    assert len(signed_by(real.post("/api/v2/sign/pdf", signing()))) == 1


def boxes(pdf: bytes) -> list[list[float]]:
    page = PdfFileReader(io.BytesIO(pdf)).root["/Pages"]["/Kids"][0]
    return [[float(number) for number in each.get_object()["/Rect"]] for each in page["/Annots"]]


def test_f12_the_origin_is_at_the_top_left(real: RealGateway) -> None:
    real.official()
    page = PdfFileReader(io.BytesIO(PDF)).root["/Pages"]["/Kids"][0]
    height = float(page["/MediaBox"][3])
    where = {"tampilan": "VISIBLE", "page": "1", "originX": "400", "originY": 700, "width": 100, "height": "60"}
    (pdf,) = signed_by(real.post("/api/v2/sign/pdf", signing(signatureProperties=[where])))
    assert boxes(pdf)[-1] == pytest.approx([400, height - 760, 500, height - 700])
    zeros = {**where, "width": 0, "height": "0", "originX": 50, "originY": 50}
    (pdf,) = signed_by(real.post("/api/v2/sign/pdf", signing(signatureProperties=[zeros])))
    assert boxes(pdf)[-1] == pytest.approx([50, height - 110, 110, height - 50]), "zeros are the default size"


@pytest.mark.parametrize("name", ["tag", "tag_koordinat"])
def test_g6_g7_both_spellings_of_a_tag(real: RealGateway, name: str) -> None:
    real.official()
    where = {"tampilan": "VISIBLE", name: "Nomor", "width": 40, "height": 40}
    (pdf,) = signed_by(real.post("/api/v2/sign/pdf", signing(signatureProperties=[where])))
    assert len(boxes(pdf)) == 1
    assert "Tanda" in refused(real.post("/api/v2/sign/pdf", signing(signatureProperties=[{**where, name: "$$$"}])), 400)


@pytest.mark.parametrize("nothing", [None, "", "null", "NULL", "  "])
def test_g8_g9_g10_empty_forms_are_absent(real: RealGateway, nothing: str | None) -> None:
    real.official()
    said = {"tampilan": "INVISIBLE", "location": nothing, "reason": nothing, "contactInfo": nothing}
    (pdf,) = signed_by(real.post("/api/v2/sign/pdf", signing(signatureProperties=[said])))
    facts = real.judged(pdf).signatures[0].facts
    assert (facts.reason, facts.location) == (None, None)


def test_g11_g12_no_picture_is_needed(real: RealGateway) -> None:
    real.official()
    (pdf,) = signed_by(real.post("/api/v2/sign/pdf", signing(signatureProperties=[{"tampilan": "INVISIBLE"}])))
    left, bottom, right, top = boxes(pdf)[-1]
    assert (right - left, top - bottom) == (0, 0)
    where = {"tampilan": "VISIBLE", "page": 1, "originX": 10, "originY": 10, "width": 90, "height": 90}
    (pdf,) = signed_by(real.post("/api/v2/sign/pdf", signing(signatureProperties=[where])))
    assert real.judged(pdf).indication is Indication.TOTAL_PASSED
    refused(real.post("/api/v2/sign/pdf", signing(signatureProperties=[{**where, "imageBase64": "@@"}])), 400)
    refused(real.post("/api/v2/sign/pdf", signing(signatureProperties=[{**where, "imageBase64": b64(b"x")}])), 400)
    refused(real.post("/api/v2/sign/pdf", signing(signatureProperties=[{**where, "page": 99}])), 400)
    refused(real.post("/api/v2/sign/pdf", signing(signatureProperties=[{**where, "originX": "sepuluh"}])), 400)


def test_g13_g14_base64_with_line_breaks_and_as_a_data_url(real: RealGateway) -> None:
    real.official()
    broken = "\r\n".join(b64(PDF)[start : start + 76] for start in range(0, len(b64(PDF)), 76))
    for text in (broken, f"data:application/pdf;base64,{b64(PDF)}"):
        (pdf,) = signed_by(real.post("/api/v2/sign/pdf", signing(file=[text])))
        assert pdf.startswith(PDF)
    refused(real.post("/api/v2/sign/pdf", signing(file=["=====!"])), 400)


def encrypted(password: str) -> bytes:
    """A letter that opens with a password alone."""
    return encrypted_letter(pages("Surat rahasia"), 6, user=password)


def test_g15_a_locked_pdf_is_refused_and_its_password_told_nobody(real: RealGateway) -> None:
    real.official()
    locked = encrypted("rahasia-pdf")
    said = [{"tampilan": "INVISIBLE", "pdfPassword": "rahasia-pdf"}]
    text = refused(real.post("/api/v2/sign/pdf", signing(locked, signatureProperties=said)), 400)
    assert "terkunci" in text
    assert "rahasia-pdf" not in text + real.trail()


def test_g17_one_bad_file_of_three_and_nothing_is_signed(real: RealGateway) -> None:
    real.official()
    before = real.trail().count("signature.reserve")
    text = refused(real.post("/api/v2/sign/pdf", signing(PDF, b"bukan pdf", PDF)), 400)
    assert text.startswith("Berkas ke-2:")
    assert real.trail().count("signature.reserve") == before


def test_the_same_call_again_gets_the_same_documents(real: RealGateway) -> None:
    real.official()
    body = signing(PDF, PDF)
    first = signed_by(real.post("/api/v2/sign/pdf", body))
    assert signed_by(real.post("/api/v2/sign/pdf", body)) == first
    assert first[0] != first[1], "two equal files of one call are two documents"
    refused(real.post("/api/v2/sign/pdf", {**body, "passphrase": "salah sekali ini"}), 400, 2031)


def test_k1_and_secrets_stay_out_of_everything(real: RealGateway) -> None:
    real.official()
    assert refused(real.post("/api/v2/sign/pdf", signing(passphrase="salah sekali ini")), 400, 2031)
    refused(real.post("/api/v2/sign/pdf", signing(passphrase="")), 400)
    trail = real.trail()
    assert PASSPHRASE not in trail
    assert "salah sekali ini" not in trail
    assert NIK not in trail
    assert EMAIL not in trail


def test_too_many_files_are_too_large(real: RealGateway) -> None:
    real.official()
    refused(real.post("/api/v2/sign/pdf", signing(*[PDF] * 21)), 413)


@pytest.mark.parametrize(
    "body", ["[]", "{", '"x"', "{}", '{"file": {}}', '{"file": [1]}', '{"file": [null], "nik": {}}']
)
def test_bodies_of_any_shape_are_refused(real: RealGateway, body: str) -> None:
    for path in ("/api/v2/sign/pdf", "/api/v2/seal/pdf", "/api/v2/verify/pdf", "/api/v2/seal/get/totp"):
        answer = real.http.post(path, content=body, headers={"Content-Type": "application/json"}, auth=real.basic)
        refused(answer, 400)


# verification


def test_j1_v1_reads_its_own_part(real: RealGateway) -> None:
    real.official()
    (pdf,) = signed_by(real.post("/api/v2/sign/pdf", signing()))
    answer = real.http.post("/api/sign/verify", files={"signed_file": ("surat-contoh.pdf", pdf)}, auth=real.basic)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["nama_dokumen"], body["summary"], body["jumlah_signature"]) == ("surat-contoh.pdf", "VALID", 1)
    assert "tersertifikasi" in body["notes"]
    bare = real.http.post("/api/sign/verify", files={"signed_file": ("a", PDF)}, auth=real.basic).json()
    assert (bare["jumlah_signature"], bare["details"], bare["notes"], bare["summary"]) == (0, [], None, None)
    refused(real.http.post("/api/sign/verify", files={"signed_file": ("a", b"x" * 99)}, auth=real.basic), 400)
    refused(real.http.post("/api/sign/verify", files={"other": ("a", pdf)}, auth=real.basic), 400)


def test_j6_j7_v2_reads_a_text_or_a_list_of_one(real: RealGateway) -> None:
    real.official()
    (pdf,) = signed_by(real.post("/api/v2/sign/pdf", signing()))
    for file in (b64(pdf), [b64(pdf)]):
        body = real.post("/api/v2/verify/pdf", {"file": file}).json()
        assert (body["conclusion"], body["signatureCount"]) == ("VALID", 1)
    refused(real.post("/api/v2/verify/pdf", {"file": [b64(pdf)] * 2}), 400)
    refused(real.post("/api/v2/verify/pdf", {"file": b64(b"bukan pdf")}), 400)
    unsigned = real.post("/api/v2/verify/pdf", {"file": b64(PDF)}).json()
    assert (unsigned["conclusion"], unsigned["signatureInformations"]) == ("NO_SIGNATURE", [])


@pytest.mark.parametrize("name", ["password", "passsword"])
def test_j8_j9_the_password_under_both_spellings(real: RealGateway, name: str) -> None:
    locked = b64(encrypted("rahasia-pdf"))
    assert real.post("/api/v2/verify/pdf", {"file": locked, name: "rahasia-pdf"}).json()["conclusion"] == "NO_SIGNATURE"
    assert "kata sandi" in refused(real.post("/api/v2/verify/pdf", {"file": locked}), 400)
    refused(real.post("/api/v2/verify/pdf", {"file": locked, name: "salah"}), 400)


# seals


def activation(real: RealGateway, seal: str) -> str:
    answer = real.post("/api/v2/seal/get/activation", {"idSubscriber": seal})
    assert answer.status_code == 200, answer.json()
    assert answer.json() == {
        "success": True,
        "message": "Kode aktivasi telah dikirim ke surel pengelola segel.",
        "data": None,
    }
    return real.keeper.codes[-1]


def sealing_code(real: RealGateway, seal: str, *, files: int | str = 1) -> str:
    body = {"idSubscriber": seal, "data": files, "totp": activation(real, seal)}
    answer = real.post("/api/v2/seal/get/totp", body)
    assert answer.status_code == 200, answer.json()
    return answer.json()["totp"]


NULLS = {"tampilan": "INVISIBLE", "location": "null", "reason": "null", "contactInfo": "null"}


def sealing(seal: str, code: str, *files: bytes, **more: Any) -> dict[str, Any]:
    return {
        "idSubscriber": seal,
        "totp": code,
        "signatureProperties": [NULLS],
        "file": [b64(each) for each in files or (PDF,)],
        **more,
    }


def test_h1_h7_activation_by_mail_then_code_then_seal(real: RealGateway) -> None:
    seal = real.seal().signatory.id
    code = sealing_code(real, seal)
    assert real.keeper.told == [seal]
    (pdf,) = signed_by(real.post("/api/v2/seal/pdf", sealing(seal, code)))
    report = real.judged(pdf)
    assert report.indication is Indication.TOTAL_PASSED
    (signature,) = report.signatures
    assert (signature.facts.reason, signature.facts.location) == (None, None)
    assert signature.timestamp is not None


def test_h2_refresh_gives_another_activation_nested(real: RealGateway) -> None:
    seal = real.seal().signatory.id
    first = activation(real, seal)
    answer = real.post("/api/v2/seal/get/activation", {"idSubscriber": seal, "totp": first}).json()
    assert answer["success"] is True
    assert set(answer["data"]) == {"message", "totp", "expires", "result"}
    assert answer["data"]["result"] is True
    assert answer["data"]["expires"].endswith("+0000")
    body = {"idSubscriber": seal, "data": 1}
    refused(real.post("/api/v2/seal/get/totp", {**body, "totp": first}), 400)
    assert real.post("/api/v2/seal/get/totp", {**body, "totp": answer["data"]["totp"]}).status_code == 200


def test_h3_after_revocation_nothing_is_good(real: RealGateway) -> None:
    seal = real.seal().signatory.id
    first = activation(real, seal)
    code = real.post("/api/v2/seal/get/totp", {"idSubscriber": seal, "data": 1, "totp": first}).json()["totp"]
    refused(real.post("/api/v2/seal/revoke/activation", {"idSubscriber": seal, "totp": "x"}), 400)
    answer = real.post("/api/v2/seal/revoke/activation", {"idSubscriber": seal, "totp": first}).json()
    assert (answer["success"], answer["data"]) == (True, None)
    refused(real.post("/api/v2/seal/get/totp", {"idSubscriber": seal, "data": 1, "totp": first}), 400)
    refused(real.post("/api/v2/seal/pdf", sealing(seal, code)), 400)
    refused(real.post("/api/v2/seal/revoke/activation", {"idSubscriber": seal, "totp": first}), 400)


@pytest.mark.parametrize("count", [2, "2"])
def test_h4_h5_h6_the_code_comes_flat_for_so_many_files(real: RealGateway, count: int | str) -> None:
    seal = real.seal().signatory.id
    body = {"idSubscriber": seal, "data": count, "totp": activation(real, seal)}
    answer = real.post("/api/v2/seal/get/totp", body).json()
    assert set(answer) == {"message", "totp", "expires", "result"}
    assert answer["result"] is True
    assert answer["expires"].endswith("+0000")
    assert len(answer["totp"]) == 6
    refused(real.post("/api/v2/seal/pdf", sealing(seal, answer["totp"], PDF, PDF, PDF)), 400)
    assert len(signed_by(real.post("/api/v2/seal/pdf", sealing(seal, answer["totp"], PDF, PDF)))) == 2
    for wrong in (0, -1, "banyak", None, True, 10**30):
        refused(real.post("/api/v2/seal/get/totp", {**body, "data": wrong}), 400)


def test_h8_a_used_code_is_used_and_the_same_call_gets_the_same_answer(real: RealGateway) -> None:
    seal = real.seal().signatory.id
    code = sealing_code(real, seal)
    body = sealing(seal, code)
    first = signed_by(real.post("/api/v2/seal/pdf", body))
    assert signed_by(real.post("/api/v2/seal/pdf", body)) == first
    refused(real.post("/api/v2/seal/pdf", sealing(seal, code, PDF + b"\n% lain")), 400)
    refused(real.post("/api/v2/seal/pdf", sealing(seal, "000000")), 400)
    (permission,) = real.seals.permissions(real.credential_of(seal))
    assert permission.used == 1, "a repeated call counts once"
    real.office.forward(minutes=11)
    refused(real.post("/api/v2/seal/pdf", body), 400)


def test_h9_an_activation_ends_after_a_day(real: RealGateway) -> None:
    made = real.seal()
    first = activation(real, made.signatory.id)
    real.office.forward(hours=24)
    real.seals.activate(made.id, "e-office", ("127.0.0.0/8",), documents=5, life=timedelta(hours=24))
    refused(real.post("/api/v2/seal/get/totp", {"idSubscriber": made.signatory.id, "data": 1, "totp": first}), 400)


def test_a_code_of_one_call_ends_after_minutes(real: RealGateway) -> None:
    seal = real.seal().signatory.id
    code = sealing_code(real, seal)
    real.office.forward(minutes=5)
    refused(real.post("/api/v2/seal/pdf", sealing(seal, code)), 400)


def test_five_wrong_tries_end_an_activation(real: RealGateway) -> None:
    seal = real.seal().signatory.id
    right = activation(real, seal)
    body = {"idSubscriber": seal, "data": 1}
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for _ in range(4):
        refused(real.post("/api/v2/seal/get/totp", {**body, "totp": wrong}), 400)
    assert real.post("/api/v2/seal/get/totp", {**body, "totp": right}).status_code == 200, "a right one begins anew"
    for _ in range(5):
        refused(real.post("/api/v2/seal/get/totp", {**body, "totp": wrong}), 400)
    refused(real.post("/api/v2/seal/get/totp", {**body, "totp": right}), 400)
    assert real.trail().count("seal-code.wrong") == 9
    assert right not in real.trail()


def test_mails_come_at_most_once_a_minute_and_ten_times_a_day(real: RealGateway) -> None:
    seal = real.seal().signatory.id
    activation(real, seal)
    answer = real.post("/api/v2/seal/get/activation", {"idSubscriber": seal})
    refused(answer, 429)
    assert answer.headers["Retry-After"] == "60"
    for _ in range(9):
        real.office.forward(minutes=1)
        activation(real, seal)
    real.office.forward(minutes=1)
    refused(real.post("/api/v2/seal/get/activation", {"idSubscriber": seal}), 429)
    assert len(real.keeper.codes) == 10


def test_without_a_permission_of_staff_nothing_is_sealed(real: RealGateway) -> None:
    made = real.seal(documents=1)
    seal = made.signatory.id
    code = sealing_code(real, seal, files=2)
    refused(real.post("/api/v2/seal/pdf", sealing(seal, code, PDF, PDF)), 403)
    assert len(signed_by(real.post("/api/v2/seal/pdf", sealing(seal, code)))) == 1, "refused was not used"
    real.office.forward(hours=25)
    refused(real.post("/api/v2/seal/get/activation", {"idSubscriber": seal}), 403)


def test_a_seal_lent_to_another_network_or_nobody_is_refused(real: RealGateway) -> None:
    seal = real.seal(networks=("192.0.2.0/24",)).signatory.id
    refused(real.post("/api/v2/seal/get/activation", {"idSubscriber": seal}), 403)
    assert real.keeper.codes == []
    refused(real.post("/api/v2/seal/get/activation", {"idSubscriber": "seal-TIDAKADA"}), 400, 2011)
    refused(real.post("/api/v2/seal/get/activation", {}), 400)


def test_a_persons_id_is_no_seal(real: RealGateway) -> None:
    who = real.official().signatory.id
    refused(real.post("/api/v2/seal/get/activation", {"idSubscriber": who}), 400, 2011)


def test_codes_of_one_credential_are_nothing_to_another(real: RealGateway) -> None:
    seal = real.seal().signatory.id
    first, other = activation(real, seal), real.another("e-office-lain")
    body = {"idSubscriber": seal, "data": 1, "totp": first}
    refused(real.http.post("/api/v2/seal/get/totp", json=body, auth=other), 400)


def test_one_bad_file_costs_no_code(real: RealGateway) -> None:
    seal = real.seal().signatory.id
    code = sealing_code(real, seal, files=2)
    assert refused(real.post("/api/v2/seal/pdf", sealing(seal, code, PDF, b"x")), 400).startswith("Berkas ke-2:")
    assert len(signed_by(real.post("/api/v2/seal/pdf", sealing(seal, code, PDF, PDF)))) == 2


def test_a_visible_seal_has_its_picture_or_a_qr(real: RealGateway) -> None:
    seal = real.seal().signatory.id
    where = {"tampilan": "VISIBLE", "page": 1, "originX": 10, "originY": 10, "width": 90, "height": 90}
    code = sealing_code(real, seal)
    (pdf,) = signed_by(real.post("/api/v2/seal/pdf", sealing(seal, code, signatureProperties=[where])))
    assert real.judged(pdf).indication is Indication.TOTAL_PASSED
    assert boxes(pdf)[-1][2] - boxes(pdf)[-1][0] == pytest.approx(90)


def test_mail_that_does_not_go_out_is_said(real: RealGateway) -> None:
    seal = real.seal().signatory.id
    real.keeper.fails = True
    answer = real.post("/api/v2/seal/get/activation", {"idSubscriber": seal})
    refused(answer, 503)
    assert answer.headers["Retry-After"]


def test_after_a_timestamp_failure_the_same_call_goes_on(real: RealGateway) -> None:
    seal = real.seal().signatory.id
    body = sealing(seal, sealing_code(real, seal))
    real.timestamper.broken = True
    refused(real.post("/api/v2/seal/pdf", body), 503)
    real.timestamper.broken = False
    assert len(signed_by(real.post("/api/v2/seal/pdf", body))) == 1


def test_k3_no_success_has_a_key_error(real: RealGateway) -> None:
    real.official()
    seal = real.seal().signatory.id
    answers = [
        real.http.get(f"/api/user/status/{NIK}", auth=real.basic),
        real.post("/api/v2/user/check/status", {"nik": NIK}),
        real.post("/api/v2/sign/pdf", signing()),
        real.post("/api/v2/verify/pdf", {"file": b64(PDF)}),
        real.post("/api/v2/seal/get/activation", {"idSubscriber": seal}),
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert '"error"' not in json.dumps(answer.json())
        assert "content-encoding" not in answer.headers
