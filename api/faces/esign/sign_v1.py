"""`POST /api/sign/pdf`: one PDF, one signer, one secret. What its fields say; nothing is decided here."""

from typing import Final

from api.faces.esign.bodies import Names, Received
from api.faces.esign.errors import EsignRefused
from api.faces.esign.geometry import box_of
from api.faces.esign.values import flag, number, one_line, page_number, word
from signer.api_credentials import ApiCredential
from signer.document import Document
from signer.model import LetterMetadata, Mark, SignatureLevel, SigningTask, StampPlacement

NAMES: Final = Names(
    document="file",
    texts=frozenset(
        {
            "nik",
            "passphrase",
            "totp",
            "otp",
            "tampilan",
            "image",
            "linkQR",
            "page",
            "halaman",
            "xAxis",
            "yAxis",
            "width",
            "height",
            "tag_koordinat",
            "reason",
            "location",
            "text",
            "jenis_response",
            "kind",
        }
    ),
    pictures=frozenset({"imageTTD"}),
)


def document_of(received: Received) -> Document:
    """The PDF."""
    if received.document is None:
        raise EsignRefused("Berkas PDF wajib dikirim (file).")
    return received.document


def wants_base64(received: Received) -> bool:
    """Whether the answer is JSON with base64 instead of the PDF."""
    said = word(received, "jenis_response")
    if said not in ("", "byte", "base64"):
        raise EsignRefused("Nilai jenis_response harus BYTE atau BASE64.")
    return said == "base64"


def kind_of(received: Received, credential: ApiCredential) -> str | None:
    """The kind of document: the call's, else the credential's; refused where neither says it and one has to."""
    kind = one_line(received, "kind") or credential.kind
    if kind is None and not credential.unstated_kinds:
        raise EsignRefused("Jenis naskah harus disebutkan (kind).", status=403)
    return kind


def signing_task_of(
    received: Received, credential: ApiCredential, signer: str, level: SignatureLevel, *, default: float
) -> SigningTask:
    """The whole call as signing takes it; `signer` is a credential's id, `default` a mark's side in points."""
    # a signature without a timestamp is none in this contract
    raised = SignatureLevel.B_T if level is SignatureLevel.B_B else level
    return SigningTask(
        document=document_of(received),
        credential_id=signer,
        client_id=credential.client_id,
        level=raised,
        stamp=_placement(received, credential, default),
        reason=one_line(received, "reason"),
        location=one_line(received, "location"),
        letter=LetterMetadata(kind=kind_of(received, credential)),
    )


def _placement(received: Received, credential: ApiCredential, default: float) -> StampPlacement | None:
    shown = word(received, "tampilan")
    if shown not in ("", "visible", "invisible"):
        raise EsignRefused("Nilai tampilan harus visible atau invisible.")
    if shown != "visible":
        return None
    mark, (width, height) = _mark(received), (number(received, "width"), number(received, "height"))
    tag = received.text("tag_koordinat")
    if tag:
        return StampPlacement(tag=tag, width=width or default, height=height or default, mark=mark)
    box = box_of(
        number(received, "xAxis"),
        number(received, "yAxis"),
        width,
        height,
        reading=credential.geometry,
        default=default,
    )
    return StampPlacement(page=page_number(received), x=box.x, y=box.y, width=box.width, height=box.height, mark=mark)


def _mark(received: Received) -> Mark:
    """Picture or QR, by what is sent and what is asked for (contract, 5.2)."""
    image, picture = flag(received, "image"), received.pictures.get("imageTTD")
    said, text = received.texts.get("linkQR", ""), one_line(received, "text")
    if image and picture is None:
        raise EsignRefused("Gambar tanda tangan wajib dikirim (imageTTD).")
    if image or (image is None and not said.strip()):
        return Mark(picture=picture, text=text)
    return Mark(qr=said if said.strip() else None, text=text)
