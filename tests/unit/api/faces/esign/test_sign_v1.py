"""v1's signing call over HTTP: bodies as clients write them, answers as clients read them, repeated calls."""

import json
import random
import threading
from base64 import b64decode, b64encode
from dataclasses import replace
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.bodies import UploadRoom
from signer.api_credentials import Terms
from signer.errors import KeyUnavailable, KindRefused
from signer.model import CredentialState
from signer.people import RegistrationState
from tests.support.api_memory import PASSPHRASE, PDF
from tests.unit.api.faces.esign.conftest import NIK, Gateway, basic

Http = TestClient[Litestar]
PATH = "/api/sign/pdf"
FIELDS = {"nik": NIK, "passphrase": PASSPHRASE, "tampilan": "invisible"}
BOUNDARY = "----contoh"


def sign(http: Http, gateway: Gateway, path: str = PATH, **fields: str) -> httpx.Response:
    files = {"file": ("surat-contoh.pdf", PDF, "application/pdf")}
    return http.post(path, data=FIELDS | fields, files=files, headers={"Authorization": gateway.basic})


def send(http: Http, gateway: Gateway, body: bytes, kind: str, path: str = PATH) -> httpx.Response:
    return http.post(path, content=body, headers={"Authorization": gateway.basic, "Content-Type": kind})


def part(name: str, content: bytes | str, *, file: str = "", headers: str = "") -> bytes:
    told = f'Content-Disposition: form-data; name="{name}"{file}\r\n{headers}\r\n'
    return (
        b"--"
        + BOUNDARY.encode()
        + b"\r\n"
        + told.encode()
        + (content.encode() if isinstance(content, str) else content)
        + b"\r\n"
    )


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--" + BOUNDARY.encode() + b"--\r\n"


TEXTS = tuple(part(name, value) for name, value in FIELDS.items())
KIND = f"multipart/form-data; boundary={BOUNDARY}"


def signed(answer: httpx.Response) -> bool:
    return answer.status_code == 200 and answer.content == PDF + b"% signed\n"


@pytest.mark.parametrize(
    "path", ["/api/sign/pdf", "//api/sign/pdf", "/api/api/sign/pdf", "/api/sign/pdf/", "/api//sign//pdf"]
)
def test_a1_to_a7_a_body_arrives_at_every_spelling(http: Http, gateway: Gateway, path: str) -> None:
    assert signed(sign(http, gateway, f"http://testserver.local{path}"))


@pytest.mark.parametrize("accept", ["application/json", "*/*", "", "text/html"])
def test_a8_accept_is_ignored(http: Http, gateway: Gateway, accept: str) -> None:
    answer = http.post(
        PATH, data=FIELDS, files={"file": PDF}, headers={"Authorization": gateway.basic, "Accept": accept}
    )
    assert signed(answer)
    assert answer.headers["Content-Type"] == "application/pdf"


def test_a9_nothing_is_compressed(http: Http, gateway: Gateway) -> None:
    headers = {"Authorization": gateway.basic, "Accept-Encoding": "gzip, deflate, br"}
    big = {"file": PDF + b"%" + b" " * 100_000}
    for answer in (
        http.post(PATH, data=FIELDS, files=big, headers=headers),
        http.post(PATH, data=FIELDS | {"jenis_response": "BASE64"}, files=big, headers=headers),
        http.post("/api/nothing", headers=headers),
        http.post(PATH, data=FIELDS | {"nik": "x"}, files=big, headers=headers),
    ):
        assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("file", ['; filename="surat.pdf"', '; filename="surat"', '; filename="surat.docx"', ""])
@pytest.mark.parametrize(
    "headers", ["", "Content-Type: application/octet-stream\r\n", f"Content-Length: {len(PDF)}\r\n"]
)
def test_d1_to_d7_the_file_anywhere_under_any_name_and_type(
    http: Http, gateway: Gateway, first: bool, file: str, headers: str
) -> None:
    document = part("file", PDF, file=file, headers=headers)
    body = form(document, *TEXTS) if first else form(*TEXTS, document)
    assert signed(send(http, gateway, body, KIND))


def test_d9_unknown_fields_are_ignored_and_d9_the_last_of_several_counts(http: Http, gateway: Gateway) -> None:
    more = part("lampiran", b"x" * 200_000, file='; filename="a.bin"')
    twice = (part("file", b"first", file='; filename="a.pdf"'), part("nik", "999"), more, part("file", PDF), *TEXTS)
    assert signed(send(http, gateway, form(*twice), KIND))


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "application/vnd.contoh+json"])
def test_d10_json_on_the_same_path(http: Http, gateway: Gateway, kind: str) -> None:
    encoded = b64encode(PDF).decode()
    for file in (encoded, f"data:application/pdf;base64,{encoded}", "\r\n".join((encoded[:20], encoded[20:]))):
        body: dict[str, Any] = FIELDS | {"file": file, "image": False, "page": 1, "xAxis": 10.5, "imageTTD": None}
        assert signed(send(http, gateway, json.dumps(body).encode(), kind))


def test_d10_a_nik_as_a_number(http: Http, gateway: Gateway) -> None:
    body = FIELDS | {"file": b64encode(PDF).decode(), "nik": int(NIK)}
    assert signed(send(http, gateway, json.dumps(body).encode(), "application/json"))


def test_c7_a_nik_that_lost_its_leading_zero_or_has_blanks(http: Http, gateway: Gateway) -> None:
    for nik in (NIK[1:], f" {NIK} ", f"\t{NIK[1:]}\n"):
        assert signed(sign(http, gateway, nik=nik))


def test_d11_fields_in_the_address_count_where_the_body_lacks_them(http: Http, gateway: Gateway) -> None:
    body = form(part("file", PDF), part("passphrase", PASSPHRASE))
    answer = send(http, gateway, body, KIND, f"{PATH}?nik={NIK}&tampilan=INVISIBLE&jenis_response=BASE64")
    assert answer.json().keys() == {"id_dokumen", "base64_signed_file"}
    whole = form(part("file", PDF), *TEXTS)
    assert signed(send(http, gateway, whole, KIND, f"{PATH}?nik=salah"))


@pytest.mark.parametrize("name", ["passphrase", "totp", "otp"])
def test_m1_a_secret_in_the_address_is_400_whatever_else_is_right(http: Http, gateway: Gateway, name: str) -> None:
    answer = sign(http, gateway, f"{PATH}?{name}=x")
    assert (answer.status_code, answer.json()["status_code"]) == (400, 400)


@pytest.mark.parametrize("start", [b"", b"\r\n"])
def test_d12_a_form_whose_header_names_no_boundary(http: Http, gateway: Gateway, start: bytes) -> None:
    body = start + form(part("file", PDF), *TEXTS)
    assert signed(send(http, gateway, body, "multipart/form-data"))


@pytest.mark.parametrize("body", [b"", b"nothing", b"--\r\n", b"--" + b"x" * 200 + b"\r\n", b"\x00" * 500])
def test_d12_no_form_is_400(http: Http, gateway: Gateway, body: bytes) -> None:
    assert send(http, gateway, body, "multipart/form-data").status_code == 400


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"[1]", "application/json"),
        (b"\xff", "application/json"),
        (b"[" * 5000, "application/json"),
        (b'{"file": "!!"}', "application/json"),
        (form(part("file", PDF))[:-20], KIND),
        (b"nik=1", "application/x-www-form-urlencoded"),
        (PDF, "application/pdf"),
    ],
)
def test_a_body_that_cannot_be_read_is_400_with_a_sentence(
    http: Http, gateway: Gateway, body: bytes, kind: str
) -> None:
    answer = send(http, gateway, body, kind)
    assert (answer.status_code, answer.json()["status_code"]) == (400, 400)
    assert answer.json().keys() == {"error", "status_code"}


@pytest.mark.parametrize(
    ("fields", "named"),
    [({"nik": ""}, "nik"), ({"passphrase": ""}, "passphrase"), ({"nik": "51x"}, "nik"), ({"nik": "1" * 17}, "nik")],
)
def test_what_is_missing_is_named(http: Http, gateway: Gateway, fields: dict[str, str], named: str) -> None:
    answer = sign(http, gateway, **fields)
    assert answer.status_code == 400
    assert named in answer.json()["error"]


def test_a_missing_file_is_named(http: Http, gateway: Gateway) -> None:
    answer = send(http, gateway, form(*TEXTS), KIND)
    assert answer.status_code == 400
    assert "(file)" in answer.json()["error"]


def test_too_much_is_413(http: Http, gateway: Gateway) -> None:
    long = send(http, gateway, form(part("file", PDF), part("reason", "x" * 20_000), *TEXTS), KIND)
    picture = send(http, gateway, form(part("file", PDF), part("imageTTD", b"x" * 5_000_000), *TEXTS), KIND)
    for answer in (long, picture):
        assert (answer.status_code, answer.json()["status_code"]) == (413, 413)


@pytest.mark.parametrize("mode", [{"jenis_response": "BYTE"}, {"jenis_response": "byte"}, {}])
def test_e26_e27_e28_the_pdf_with_each_header_once(http: Http, gateway: Gateway, mode: dict[str, str]) -> None:
    answer = sign(http, gateway, **mode)
    assert signed(answer)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert len(answer.headers.get_list("id_dokumen")) == 1
    assert answer.headers["signing_time"] == "2026-06-01 20:00:00.0"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="surat-contoh.pdf"'


@pytest.mark.parametrize("mode", ["BASE64", "base64"])
def test_e25_e29_base64_with_both_keys_and_the_same_headers(http: Http, gateway: Gateway, mode: str) -> None:
    answer = sign(http, gateway, jenis_response=mode)
    assert answer.json().keys() == {"id_dokumen", "base64_signed_file"}
    assert answer.json()["id_dokumen"] == answer.headers["id_dokumen"]
    assert b64decode(answer.json()["base64_signed_file"]) == PDF + b"% signed\n"
    assert {"signing_time", "content-disposition"} <= answer.headers.keys()
    assert "\n" not in answer.json()["base64_signed_file"]


def test_the_id_opens_no_public_page(http: Http, gateway: Gateway) -> None:
    token = sign(http, gateway).headers["id_dokumen"]
    assert gateway.service.signing.find(token) is None
    assert gateway.service.signing.find(token.upper()) is None


def test_k1_a_wrong_passphrase_and_k2_an_unknown_signer(http: Http, gateway: Gateway) -> None:
    wrong, unknown = sign(http, gateway, passphrase="salah"), sign(http, gateway, nik="3" * 16)
    assert (wrong.status_code, wrong.json()) == (400, {"error": "Passphrase tidak cocok.", "status_code": 2031})
    assert (unknown.status_code, unknown.json()["status_code"]) == (400, 2011)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"credential_state": CredentialState.SUSPENDED}, "SUSPEND"),
        ({"credential_state": CredentialState.REVOKED}, "REVOKE"),
        ({"not_after": None, "credential_id": None, "credential_state": None}, "NO_CERTIFICATE"),
        (
            {"credential_id": None, "credential_state": None, "registration": RegistrationState.PROPOSED},
            "WAITING_FOR_VERIFICATION",
        ),
    ],
)
def test_only_issue_signs_and_others_are_told_why(
    http: Http, gateway: Gateway, changes: dict[str, Any], word: str
) -> None:
    gateway.officials.official = replace(gateway.officials.official, **changes)
    answer = sign(http, gateway)
    assert (answer.status_code, answer.json()["status_code"]) == (400, 400)
    assert word in answer.json()["error"]
    assert gateway.service.signing.records == {}


def test_k3_k4_k5_k6_errors_and_success_bodies(http: Http, gateway: Gateway) -> None:
    good = sign(http, gateway, jenis_response="BASE64").json()
    assert "error" not in good
    for bad in (sign(http, gateway, nik="x"), sign(http, gateway, passphrase="x"), http.get(PATH), http.post(PATH)):
        body = bad.json()
        assert bad.headers["Content-Type"].startswith("application/json")
        assert isinstance(body["error"], str)
        assert isinstance(body["status_code"], int)
        assert body.get("message", body["error"]) == body["error"]


def test_k7_an_inner_fault_shows_nothing_of_the_engine(
    http: Http, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("pyhanko said: object 12 0")

    monkeypatch.setattr(type(gateway.service.signing), "sign", fail)
    answer = sign(http, gateway)
    assert answer.status_code == 500
    assert answer.json() == {"error": "Terjadi kesalahan pada layanan.", "status_code": 500}


def test_k8_l9_what_signing_refuses_or_cannot_do(http: Http, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[Exception] = [
        KindRefused("x", field="letter.kind", reason="kind-excluded", kind="SK", lists=("bali-2020",)),
        KeyUnavailable("slot 3"),
    ]

    def fail(*_: object) -> None:
        raise raised.pop(0)

    monkeypatch.setattr(type(gateway.service.signing), "sign", fail)
    kind, away = sign(http, gateway), sign(http, gateway)
    assert kind.status_code == 403
    assert "bali-2020" in kind.json()["error"]
    assert away.status_code == 503
    assert int(away.headers["Retry-After"]) > 0


def test_l4_the_same_call_twice_is_one_document(http: Http, gateway: Gateway) -> None:
    first, second = sign(http, gateway), sign(http, gateway)
    assert first.headers["id_dokumen"] == second.headers["id_dokumen"]
    assert first.headers["signing_time"] == second.headers["signing_time"]
    assert first.content == second.content
    assert len(gateway.service.signing.records) == 2  # one signing under its two names


def test_l4_after_the_window_it_is_another_one(http: Http, gateway: Gateway) -> None:
    first = sign(http, gateway)
    gateway.service.clock.forward(10 * 60 + 1)
    assert sign(http, gateway).headers["id_dokumen"] != first.headers["id_dokumen"]


def test_l5_the_same_call_twice_at_once_is_one_document(
    http: Http, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, sign_really = threading.Event(), threading.Event(), type(gateway.service.signing).sign

    def slowly(self: Any, request: Any) -> Any:
        begun.set()
        assert go_on.wait(10)
        return sign_really(self, request)

    monkeypatch.setattr(type(gateway.service.signing), "sign", slowly)
    answers: list[httpx.Response] = []
    callers = [threading.Thread(target=lambda: answers.append(sign(http, gateway))) for _ in range(3)]
    callers[0].start()
    assert begun.wait(10)
    for each in callers[1:]:
        each.start()
    threading.Event().wait(0.3)
    go_on.set()
    for each in callers:
        each.join(10)
    assert {each.status_code for each in answers} == {200}
    assert len({each.headers["id_dokumen"] for each in answers}) == 1
    assert len(gateway.service.signing.records) == 2


def test_l6_a_repeated_call_with_a_wrong_passphrase_is_refused(http: Http, gateway: Gateway) -> None:
    assert signed(sign(http, gateway))
    again = sign(http, gateway, passphrase="salah")
    assert (again.status_code, again.json()["status_code"]) == (400, 2031)


def test_what_failed_begins_anew(http: Http, gateway: Gateway) -> None:
    assert sign(http, gateway, passphrase="salah").status_code == 400
    assert signed(sign(http, gateway))


@pytest.mark.parametrize(
    "other",
    [
        {"tampilan": "visible"},
        {"tampilan": "visible", "xAxis": "10"},
        {"tampilan": "visible", "linkQR": "a"},
        {"reason": "lain"},
        {"location": "Denpasar"},
        {"kind": "Nota Dinas"},
    ],
)
def test_l8_another_placement_is_another_document(http: Http, gateway: Gateway, other: dict[str, str]) -> None:
    assert sign(http, gateway).headers["id_dokumen"] != sign(http, gateway, **other).headers["id_dokumen"]


def test_an_idempotency_key_narrows_and_widens(http: Http, gateway: Gateway) -> None:
    def under(key: str) -> str:
        headers = {"Authorization": gateway.basic, "Idempotency-Key": key}
        return str(http.post(PATH, data=FIELDS, files={"file": PDF}, headers=headers).headers["id_dokumen"])

    one, two = under("satu"), under("dua")
    assert one != two
    gateway.service.clock.forward(3600)
    assert under("satu") == one


def test_i8_i9_i10_a_document_is_fetched_once_by_its_own_credential(http: Http, gateway: Gateway) -> None:
    mine = {"Authorization": gateway.basic}
    path = f"/api/sign/download/{sign(http, gateway).headers['id_dokumen']}"
    assert http.head(path, headers=mine).headers["Content-Length"] == str(len(PDF) + 9)
    fetched = http.get(path, headers=mine)
    assert fetched.content == PDF + b"% signed\n"
    assert fetched.headers["Content-Type"] == "application/pdf"
    assert fetched.headers["Content-Disposition"].startswith("attachment")
    for gone in (http.get(path, headers=mine), http.get("/api/sign/download/0000", headers=mine)):
        assert (gone.status_code, gone.json()["status_code"]) == (404, 4044)


def test_a_document_is_no_other_credentials(http: Http, gateway: Gateway) -> None:
    other = gateway.credentials.add("lain", "e-office", Terms(), actor="test")
    path = f"/api/sign/download/{sign(http, gateway).headers['id_dokumen']}"
    theirs = {"Authorization": basic("lain", other.password.reveal())}
    assert http.get(path, headers=theirs).json()["status_code"] == 4044
    assert http.get(path, headers={"Authorization": gateway.basic}).status_code == 200


def test_a_document_waits_for_its_days_only(http: Http, gateway: Gateway) -> None:
    path = f"/api/sign/download/{sign(http, gateway).headers['id_dokumen']}"
    gateway.service.clock.forward(31 * 86_400)
    assert http.get(path, headers={"Authorization": gateway.basic}).json()["status_code"] == 4044


def test_an_application_without_the_right_to_sign_is_403(http: Http, gateway: Gateway) -> None:
    gateway.take_rights_away()
    answer = sign(http, gateway)
    assert (answer.status_code, answer.json()["status_code"]) == (403, 403)
    assert gateway.service.signing.requests == []


@pytest.mark.parametrize("file", ['; filename="ttd"', '; filename=""', '; filename="ttd.jpeg"', ""])
def test_e22_a_picture_part_without_extension(http: Http, gateway: Gateway, file: str) -> None:
    texts = FIELDS | {"tampilan": "visible", "image": "true"}
    parts = (part(name, value) for name, value in texts.items())
    body = form(part("imageTTD", b"\x89PNG...", file=file), part("file", PDF), *parts)
    assert signed(send(http, gateway, body, KIND))
    stamp = gateway.service.signing.requests[-1].stamp
    assert stamp is not None
    assert stamp.mark is not None
    assert stamp.mark.picture == b"\x89PNG..."


def test_bodies_with_a_few_wrong_octets_are_never_our_fault(http: Http, gateway: Gateway) -> None:
    chance = random.Random(20261122)  # noqa: S311 - the same mutations in each run
    good = form(part("file", PDF), *TEXTS, part("xAxis", "10.5"), part("tampilan", "visible"), part("linkQR", "a"))
    for kind in (KIND, "multipart/form-data"):
        for _ in range(150):
            body = bytearray(good)
            for _ in range(chance.randint(1, 6)):
                at = chance.randrange(len(body))
                body[at : at + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
            answer = send(http, gateway, bytes(body), kind)
            assert answer.status_code in (200, 400, 413, 429), body
            if answer.status_code != 200:
                assert answer.json().keys() == {"error", "status_code"}


def test_every_byte_of_a_body_is_given_back_however_the_call_ends(
    http: Http, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    take, give_back = UploadRoom.take, UploadRoom.give_back

    def taking(self: UploadRoom, count: int) -> None:
        take(self, count)
        held.append(count)

    def giving_back(self: UploadRoom, count: int) -> None:
        give_back(self, count)
        held.append(-count)

    monkeypatch.setattr(UploadRoom, "take", taking)
    monkeypatch.setattr(UploadRoom, "give_back", giving_back)
    headers = {"Authorization": gateway.basic, "Idempotency-Key": "two words"}
    http.post(PATH, data=FIELDS, files={"file": PDF}, headers=headers)
    encoded = json.dumps(FIELDS | {"file": b64encode(PDF).decode()}).encode()
    for answer in (
        sign(http, gateway),
        sign(http, gateway, passphrase="salah"),
        sign(http, gateway, nik="x"),
        send(http, gateway, encoded, "application/json"),
        send(http, gateway, encoded[:-1], "application/json"),
        send(http, gateway, form(part("file", PDF))[:-20], KIND),
        send(http, gateway, form(part("reason", "x" * 20_000)), KIND),
    ):
        assert answer.status_code in (200, 400, 413)
    assert sum(held) == 0
    assert max(held) > 0
