"""The personal-data rules hold on every state: what secrecy hides is on no page, whatever was found."""

from dataclasses import replace

import pytest

from api.faces.public.pages import Pages
from api.faces.public.ports import CodeResult, UploadResult
from api.faces.public.view import ResultView, view_of_code, view_of_upload
from signer.after import NOTHING_KNOWN, Standing
from signer.model import Secrecy, SignatureRecord
from tests.unit.api.faces.public.examples import (
    CERTIFICATE,
    COSIGNED,
    OVER,
    PASSED,
    REPLACED,
    SAMPLE,
    SETTINGS,
    STOPPED,
    TWO_OF_THREE,
    UNKNOWN_ISSUER,
    WITHDRAWN,
    failing,
    record,
    report,
)
from verifier.model import Relation, SignatureReport, SubIndication

NIP = "19870101" + "201001" + "1" + "002"
LETTER = {"number": "R-17/RAHASIA", "kind": "Nota rahasia negara", "subject": f"Mutasi pegawai NIP {NIP}"}
SIGNATURES = {
    "genuine": PASSED,
    "additions": COSIGNED,
    "sample": SAMPLE,
    "changed": failing(SubIndication.HASH_FAILURE, intact=False),
    "revoked": failing(SubIndication.REVOKED),
    "unknown issuer": replace(UNKNOWN_ISSUER, signer=CERTIFICATE),
    "try later": failing(SubIndication.TRY_LATER),
}
STANDINGS = {
    "stands": NOTHING_KNOWN,
    "withdrawn": WITHDRAWN,
    "replaced": REPLACED,
    "over": OVER,
    "being signed": TWO_OF_THREE,
    "stopped": STOPPED,
}
HIDDEN = {
    Secrecy.BIASA: (),
    Secrecy.TERBATAS: tuple(LETTER.values()),
    Secrecy.RAHASIA: (*LETTER.values(), CERTIFICATE.subject, "Kepala Dinas Contoh"),
    Secrecy.SANGAT_RAHASIA: (*LETTER.values(), CERTIFICATE.subject, "Kepala Dinas Contoh", "Dinas Contoh"),
}
NEVER = (NIP, "Putusan 00/CONTOH", "eoffice", "credential-1")
PAGES = Pages(SETTINGS)


def html(view: ResultView) -> str:
    return str(PAGES.show("result.html", view=view).content)


def both_pages(signature: SignatureReport, standing: Standing, of: SignatureRecord) -> tuple[str, str]:
    judged = report(signature)
    by_code = CodeResult(record=of, report=judged, pages=3, standing=standing)
    by_upload = UploadResult(report=judged, relation=Relation.SAME_BYTES, record=of, standing=standing)
    return html(view_of_code(by_code, SETTINGS)), html(view_of_upload(by_upload, SETTINGS))


@pytest.mark.parametrize("secrecy", Secrecy)
@pytest.mark.parametrize("signature", SIGNATURES)
@pytest.mark.parametrize("standing", STANDINGS)
def test_no_page_shows_what_secrecy_hides(secrecy: Secrecy, signature: str, standing: str) -> None:
    of = record(secrecy, **LETTER)
    for page in both_pages(SIGNATURES[signature], STANDINGS[standing], of):
        shown = [each for each in (*HIDDEN[secrecy], *NEVER) if each in page]
        assert shown == []
        assert ("/pages/1.webp" in page) is False or secrecy is Secrecy.BIASA
