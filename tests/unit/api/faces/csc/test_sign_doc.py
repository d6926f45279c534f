"""Checklist of csc.md, 14: "signDoc and timestamp"."""

import asyncio
import base64
import hashlib
from dataclasses import replace
from io import BytesIO
from typing import Any

import httpx
import pytest
from asn1crypto import crl, ocsp, tsp, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest
from pyhanko.sign.signers.pdf_cms import ExternalSigner
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.validation import DocumentSecurityStore

from api.settings import Settings
from signer.authorisation import AuthorisationState, Purpose
from signer.model import SignatureLevel
from store.database import Database
from tests.support.csc import CLIENT, ECDSA, PERSON, SHA256, digest
from tests.support.csc_judges import ours_says, pyhanko_says, require_good
from tests.support.letters import letter
from tests.unit.api.faces.csc.conftest import Scene, a_scene
from tests.unit.api.faces.csc.test_consumption import FRESH, b64, refused
from tests.unit.api.faces.csc.test_transport import shape
from verifier.model import Indication

LEVELS = [
    ("Ades-B-B", SignatureLevel.B_B),
    ("AdES-b-t", SignatureLevel.B_T),
    ("Ades-B-LT", SignatureLevel.B_LT),
    ("ADES-B-LTA", SignatureLevel.B_LTA),
    ("Ades-LT", SignatureLevel.B_LT),
    (None, SignatureLevel.B_B),
]
PDF = letter()


def entry(octets: bytes, **more: Any) -> dict[str, Any]:
    told = {
        "document": b64(octets),
        "signature_format": "P",
        "conformance_level": "Ades-B-B",
        "signed_envelope_property": "Revision",
        "signAlgo": ECDSA,
        **more,
    }
    return {name: value for name, value in told.items() if value is not ...}


def send(scene: Scene, sad: str, body: dict[str, Any], *, user: str | None = PERSON) -> httpx.Response:
    who = scene.court.token(CLIENT, user)
    credential = scene.official.id if user else scene.seal.id
    return scene.post("v2/signatures/signDoc", {"credentialID": credential, "SAD": sad, **body}, **who)


def approved(scene: Scene, *documents: bytes, purpose: Purpose | None = Purpose.SDR) -> str:
    digests = [hashlib.sha256(each).digest() for each in documents]
    return scene.court.approved(scene.official, digests, purpose=purpose)


def documents(answer: httpx.Response) -> list[bytes]:
    assert answer.status_code == 200, answer.text
    return [base64.b64decode(each) for each in answer.json()["DocumentWithSignature"]]


def signed(scene: Scene, document: bytes, **more: Any) -> bytes:
    (made,) = documents(send(scene, approved(scene, document), {"documents": [entry(document, **more)]}))
    return made


@pytest.mark.parametrize(("spelling", "level"), LEVELS)
def test_each_level_validates_and_is_registered(scene: Scene, spelling: str | None, level: SignatureLevel) -> None:
    made = signed(scene, PDF, conformance_level=spelling)

    assert made.startswith(PDF)
    require_good(made, scene.court.pki, scene.court.clock(), level=level)
    assert scene.court.vault.get(hashlib.sha256(made).hexdigest()) == made


def test_certification_is_the_default_on_an_unsigned_document(scene: Scene) -> None:
    for more in ({"signed_envelope_property": ...}, {"signed_envelope_property": "Certification"}):
        made = signed(scene, PDF, **more)
        (status,) = pyhanko_says(made, scene.court.pki, scene.court.clock())
        assert status.docmdp_ok is not False
        assert b"/DocMDP" in made
        require_good(made, scene.court.pki, scene.court.clock())


def test_revision_on_a_signed_document_leaves_the_earlier_signature_valid(scene: Scene) -> None:
    first = signed(scene, PDF, signed_envelope_property="Certification", conformance_level="Ades-B-T")

    second = signed(scene, first, conformance_level="Ades-B-LT")

    assert second.startswith(first)
    require_good(second, scene.court.pki, scene.court.clock(), signatures=2)


@pytest.mark.parametrize("more", [{"signed_envelope_property": "Certification"}, {"signed_envelope_property": ...}])
def test_certification_on_a_signed_document_is_refused_and_names_revision(scene: Scene, more: dict[str, Any]) -> None:
    first = signed(scene, PDF)
    sad = approved(scene, first)
    answer = send(scene, sad, {"documents": [entry(first, **more)]})

    assert answer.status_code == 400
    assert "Revision" in shape(answer)["error_description"]
    assert scene.court.state(sad) == FRESH
    assert documents(send(scene, sad, {"documents": [entry(first)]}))


def test_a_document_that_differs_by_one_octet_is_403(scene: Scene) -> None:
    sad = approved(scene, PDF)
    answer = send(scene, sad, {"documents": [entry(PDF + b"\n")]})

    assert answer.status_code == 403
    assert shape(answer) == {
        "error": "invalid_hash",
        "error_description": "Document or documentDigest does not match authorized hash",
    }
    assert scene.court.state(sad) == FRESH


def test_one_foreign_document_among_good_ones_and_the_same_one_twice(scene: Scene) -> None:
    other = letter() + b"% two\n"
    sad = approved(scene, PDF, other)
    foreign = send(scene, sad, {"documents": [entry(PDF), entry(PDF + b"%")]})
    twice = send(scene, sad, {"documents": [entry(PDF), entry(PDF)]})
    assert (foreign.status_code, twice.status_code) == (403, 403)
    assert scene.court.state(sad) == FRESH

    both = documents(send(scene, sad, {"documents": [entry(other), entry(PDF)]}))

    assert both[0].startswith(other)
    assert both[1].startswith(PDF)
    assert scene.court.state(sad) == (AuthorisationState.SPENT, 2)
    again = send(scene, sad, {"documents": [entry(PDF)]})
    refused(again, "Invalid parameter SAD")


@pytest.mark.parametrize("name", ["sha384", "sha512"])
def test_a_document_is_known_by_whichever_digest_was_authorised(scene: Scene, name: str) -> None:
    sad = scene.court.approved(scene.official, [hashlib.new(name, PDF).digest()], purpose=Purpose.SDR)

    assert documents(send(scene, sad, {"documents": [entry(PDF)]}))


def test_a_digest_of_signed_attributes_is_not_for_sign_doc(scene: Scene) -> None:
    sad = approved(scene, PDF, purpose=Purpose.DTBSR)
    assert send(scene, sad, {"documents": [entry(PDF)]}).status_code == 403
    other = scene.court.approved(scene.official, [digest("range")], purpose=Purpose.DTBSR)
    assert send(scene, other, {"documentDigests": [of_range(digest("range"))]}).status_code == 403
    assert scene.court.state(sad) == scene.court.state(other) == FRESH


def of_range(*digests: bytes, **more: Any) -> dict[str, Any]:
    told = {
        "hashes": [b64(each) for each in digests],
        "hashAlgorithmOID": SHA256,
        "signature_format": "P",
        "signAlgo": ECDSA,
        "conformance_level": "Ades-B-B",
        **more,
    }
    return {name: value for name, value in told.items() if value is not ...}


@pytest.mark.parametrize(
    ("more", "described"),
    [
        ({"signature_format": "C"}, "Invalid parameter signature_format"),
        ({"signature_format": "X"}, "Invalid parameter signature_format"),
        ({"signature_format": "J"}, "Invalid parameter signature_format"),
        ({"signature_format": ...}, "Missing (or invalid type) string parameter signature_format"),
        ({"signAlgo": ...}, "Missing (or invalid type) string parameter signAlgo"),
        ({"signAlgo": "1.2.840.113549.1.1.11"}, "Invalid parameter signAlgo"),
        ({"conformance_level": "Ades-B-X"}, "Invalid parameter conformance_level"),
        ({"signed_envelope_property": "Attached"}, "Invalid parameter signed_envelope_property"),
        ({"document": "!!"}, "Invalid parameter document"),
        ({"document": ...}, "Missing (or invalid type) string parameter document"),
    ],
)
def test_what_is_wrong_with_a_document_uses_nothing_up(scene: Scene, more: dict[str, Any], described: str) -> None:
    sad = approved(scene, PDF)

    refused(send(scene, sad, {"documents": [entry(PDF, **more)]}), described)
    assert scene.court.state(sad) == FRESH


def test_documents_and_digests_together_and_neither(scene: Scene) -> None:
    sad = approved(scene, PDF)
    both = {"documents": [entry(PDF)], "documentDigests": [of_range(digest("x"))]}

    refused(send(scene, sad, both), "Invalid parameter documentDigests")
    refused(send(scene, sad, {}), "Missing (or invalid type) array parameter documents")
    refused(send(scene, sad, {"documents": []}), "Invalid parameter documents")
    assert scene.court.state(sad) == FRESH


def test_modes_are_those_of_sign_hash(scene: Scene) -> None:
    sad = approved(scene, PDF)
    assert send(scene, sad, {"documents": [entry(PDF)], "operationMode": "A"}).status_code == 501
    refused(send(scene, sad, {"documents": [entry(PDF)], "operationMode": "X"}), "Invalid parameter operationMode")
    assert scene.court.state(sad) == FRESH


def test_reason_and_location_stand_in_the_signature(scene: Scene) -> None:
    props = [
        {"attribute_name": "Reason", "attribute_value": b64(b"Persetujuan")},
        {"attribute_name": "Location", "attribute_value": b64(b"Denpasar")},
    ]
    made = signed(scene, PDF, signed_props=props)

    (status,) = pyhanko_says(made, scene.court.pki, scene.court.clock())
    assert status.bottom_line
    assert b"Persetujuan" in made
    assert b"Denpasar" in made


@pytest.mark.parametrize(
    "props",
    [
        [{"attribute_name": "Name", "attribute_value": "QQ=="}],
        [{"attribute_name": "commitment-type", "attribute_value": "QQ=="}],
        [{"attribute_name": "Reason", "attribute_value": "QQ=="}] * 2,
        [{"attribute_name": "Reason", "attribute_value": "!!"}],
        [{"attribute_name": "Reason", "attribute_value": "/w=="}],
        [{"attribute_name": "Reason"}],
        [{"attribute_name": "Reason", "attribute_value": "AAE="}],
    ],
)
def test_unknown_doubled_and_unreadable_properties(scene: Scene, props: list[dict[str, str]]) -> None:
    sad = approved(scene, PDF)
    answer = send(scene, sad, {"documents": [entry(PDF, signed_props=props)]})

    assert answer.status_code == 400
    assert shape(answer)["error"] == "invalid_request"
    assert scene.court.state(sad) == FRESH


@pytest.mark.parametrize(
    ("more", "described"),
    [
        (
            {"signed_props": [{"attribute_name": "Reason", "attribute_value": "QQ=="}]},
            "Invalid parameter signed_props",
        ),
        ({"conformance_level": "Ades-B-LTA"}, "Invalid parameter conformance_level"),
        ({"signed_envelope_property": "Attached"}, "Invalid parameter signed_envelope_property"),
        ({"hashAlgorithmOID": "2.16.840.1.101.3.4.2.3"}, "Invalid parameter hashAlgorithmOID"),
        ({"hashes": []}, "Empty hash array"),
        ({"hashes": ...}, "Missing (or invalid type) array parameter hashes"),
        ({"hashes": [7]}, "Missing (or invalid type) array parameter hashes"),
    ],
)
def test_what_digests_cannot_have(scene: Scene, more: dict[str, Any], described: str) -> None:
    imprint = digest(described)
    sad = scene.court.approved(scene.official, [imprint], purpose=Purpose.SDR)

    refused(send(scene, sad, {"documentDigests": [of_range(imprint, **more)]}), described)
    assert scene.court.state(sad) == FRESH


def test_a_digest_that_was_not_authorised_is_403(scene: Scene) -> None:
    sad = scene.court.approved(scene.official, [digest("mine")], purpose=Purpose.SDR)
    answer = send(scene, sad, {"documentDigests": [of_range(digest("foreign"))]})

    assert (answer.status_code, shape(answer)["error"]) == (403, "invalid_hash")
    assert scene.court.state(sad) == FRESH


def prepared() -> tuple[PreparedByteRangeDigest, BytesIO]:
    """A document with an empty signature, as a client writes it."""
    writer = IncrementalPdfFileWriter(BytesIO(PDF))
    maker = PdfSigner(
        PdfSignatureMetadata(field_name="Segel", subfilter=fields.SigSeedSubFilter.PADES, md_algorithm="sha256"),
        signer=ExternalSigner(None, None, bytes(64)),
    )
    made, _, output = asyncio.run(maker.async_digest_doc_for_signing(writer, bytes_reserved=32768))
    assert isinstance(output, BytesIO)
    return made, output


@pytest.mark.parametrize("bare", [True, False])
def test_digests_at_lt_give_validation_info_with_which_the_assembled_document_validates(
    scene: Scene, bare: bool
) -> None:
    made, output = prepared()
    sad = scene.court.approved(scene.official, [made.document_digest], purpose=Purpose.SDR)
    hashes: Any = b64(made.document_digest) if bare else [b64(made.document_digest)]
    body = {"documentDigests": [of_range(hashes=hashes, hashAlgorithmOID=..., conformance_level="Ades-B-LT")]}

    answer = send(scene, sad, body)

    assert answer.status_code == 200, answer.text
    told = answer.json()
    (cms,) = (base64.b64decode(each) for each in told["SignatureObject"])
    made.fill_with_cms(output, cms)
    info = {name: [base64.b64decode(each) for each in told["validationInfo"][name]] for name in told["validationInfo"]}
    assert info["ocsp"]
    assert info["crl"]
    assert info["certificates"]
    assembled = with_dss(output, info)
    require_good(assembled, scene.court.pki, scene.court.clock(), level=SignatureLevel.B_LT)


def with_dss(output: BytesIO, info: dict[str, list[bytes]]) -> bytes:
    """What a client does with `validationInfo`: one more revision with the security store."""
    DocumentSecurityStore.add_dss(
        output,
        sig_contents=None,
        certs=[x509.Certificate.load(each) for each in info["certificates"]],
        ocsps=[ocsp.OCSPResponse.load(each) for each in info["ocsp"]],
        crls=[crl.CertificateList.load(each) for each in info["crl"]],
    )
    return output.getvalue()


def test_validation_info_where_it_was_asked_for(scene: Scene) -> None:
    sad = approved(scene, PDF)
    told = send(scene, sad, {"documents": [entry(PDF)], "returnValidationInfo": True}).json()
    assert set(told) == {"DocumentWithSignature", "validationInfo"}
    imprint = digest("asked for")
    sad = scene.court.approved(scene.official, [imprint])
    plain = send(scene, sad, {"documentDigests": [of_range(imprint)]}).json()

    assert set(plain) == {"SignatureObject"}


def test_no_timestamp_no_signature(database: Database, settings: Settings) -> None:
    with a_scene(database, settings, timestampers=[]) as scene:
        sad = approved(scene, PDF, PDF + b"%")
        answer = send(scene, sad, {"documents": [entry(PDF, conformance_level="Ades-B-T")]})
        imprint = digest("no time")
        other = scene.court.approved(scene.official, [imprint])
        digests = send(scene, other, {"documentDigests": [of_range(imprint, conformance_level="Ades-B-T")]})

    for each in (answer, digests):
        assert each.status_code == 503
        assert shape(each)["error"] == "temporarily_unavailable"
    assert scene.court.state(other) == (AuthorisationState.SPENT, 1)
    assert not scene.court.vault.contents


def test_a_seal_signs_documents(scene: Scene) -> None:
    sad = scene.court.sealed(scene.seal.id, [hashlib.sha256(PDF).digest()])
    (made,) = documents(send(scene, sad, {"documents": [entry(PDF, conformance_level="Ades-B-LT")]}, user=None))

    require_good(made, scene.court.pki, scene.court.clock(), level=SignatureLevel.B_LT)
    assert b"Dinas Contoh" in made


def test_a_document_that_may_not_be_signed_uses_nothing_up(scene: Scene) -> None:
    for document in (b"no PDF at all", PDF[: len(PDF) // 2]):
        sad = approved(scene, document)
        answer = send(scene, sad, {"documents": [entry(document)]})
        assert answer.status_code == 400
        assert shape(answer)["error"] == "invalid_request"
        assert scene.court.state(sad) == FRESH


def test_larger_documents_than_the_setting_allows(database: Database, settings: Settings) -> None:
    small = replace(settings, csc=replace(settings.csc, max_document_mebibytes=1))
    with a_scene(database, small) as scene:
        large = PDF + b"%" * (1024 * 1024)
        refused(send(scene, approved(scene, large), {"documents": [entry(large)]}), "Invalid parameter document")
        answer = send(scene, "x", {"documents": [{"document": "A" * 4_000_000}]})

    assert answer.status_code == 413


@pytest.mark.parametrize("face", ["v1", "v2"])
@pytest.mark.parametrize(
    ("name", "oid"), [("sha256", SHA256), ("sha384", SHA256[:-1] + "2"), ("sha512", SHA256[:-1] + "3")]
)
@pytest.mark.parametrize("nonce", [None, "00ff12ab", "F" * 64])
def test_a_timestamp_has_the_nonce_that_was_sent(
    scene: Scene, face: str, name: str, oid: str, nonce: str | None
) -> None:
    imprint = hashlib.new(name, b"stamped").digest()
    body = {"hash": b64(imprint), "hashAlgo": oid, "nonce": nonce}

    answer = scene.post(f"{face}/signatures/timestamp", body)

    assert answer.status_code == 200, answer.text
    token = tsp.ContentInfo.load(base64.b64decode(answer.json()["timestamp"]))
    said = token["content"]["encap_content_info"]["content"].parsed
    assert said["message_imprint"]["hashed_message"].native == imprint
    assert said["nonce"].native == (None if nonce is None else int(nonce, 16))


@pytest.mark.parametrize(
    ("more", "described"),
    [
        ({"nonce": "xyz"}, "Invalid parameter nonce"),
        ({"nonce": "-1"}, "Invalid parameter nonce"),
        ({"nonce": "0" * 65}, "Invalid parameter nonce"),
        ({"hash": b64(digest("x")[:31])}, "Invalid digest value length"),
        ({"hash": b64(digest("x") * 2)}, "Invalid digest value length"),
        ({"hash": "!!"}, "Invalid Base64 hash string parameter"),
        ({"hashAlgo": "1.3.14.3.2.26"}, "Invalid parameter hashAlgo"),
        ({"hashAlgo": "sha256"}, "Invalid parameter hashAlgo"),
    ],
)
def test_a_timestamp_over_what_makes_no_sense(scene: Scene, more: dict[str, str], described: str) -> None:
    body = {"hash": b64(digest("x")), "hashAlgo": SHA256} | more

    refused(scene.post("v1/signatures/timestamp", body), described)


def test_our_verifier_says_who_signed(scene: Scene) -> None:
    report = ours_says(signed(scene, PDF), scene.court.pki, scene.court.clock())

    assert report.indication is Indication.TOTAL_PASSED
    assert "I Wayan Contoh" in repr(report.signatures)


def test_a_qualifier_names_the_credential_of_the_token_where_it_is_configured(
    database: Database, settings: Settings
) -> None:
    body = {"signatureQualifier": "id_contoh_aes", "documents": [entry(PDF)]}
    with a_scene(database, settings, qualifiers=("id_contoh_aes",)) as scene:
        sad = approved(scene, PDF)
        mine = scene.post("v2/credentials/info", {"credentialID": scene.official.id}, user=PERSON).json()
        assert mine["signatureQualifier"] == "id_contoh_aes"
        assert "signatureQualifier" not in scene.post("v2/credentials/info", {"credentialID": scene.seal.id}).json()
        by_service = scene.post("v2/signatures/signDoc", {**body, "SAD": sad}, user=PERSON)
        refused(by_service, "Missing (or invalid type) string parameter credentialID")
        token = {"Authorization": f"Bearer {sad}"}
        wrong = scene.post("v2/signatures/signDoc", {**body, "signatureQualifier": "eu_eidas_qes"}, **token)
        refused(wrong, "Invalid parameter signatureQualifier")

        assert documents(scene.post("v2/signatures/signDoc", body, **token))
