"""What is seen of a mark in a signed PDF: its rectangle, its pixels, and what a reader of its QR gets."""

import io

import pikepdf
import pypdfium2
import segno
from PIL import Image, ImageDraw

from api.faces.esign.bodies import Received
from api.faces.esign.sign_v1 import signing_task_of
from signer.api_credentials import ApiCredential, GeometryReading
from signer.document import Document
from signer.model import Secret, SignatureLevel, SigningTask, SignRequest
from tests.support.pki import NOON
from tests.support.signing import CREDENTIAL, PASSPHRASE

DEFAULT = 60.0
_SCALE = 4
_QUIET = 4


def wanted(
    document: bytes,
    *,
    picture: bytes | None = None,
    geometry: GeometryReading = GeometryReading.AUTO,
    credential: ApiCredential | None = None,
    **fields: str,
) -> SignRequest:
    """The fields of one call of v1 as signing gets them; visible unless `fields` say otherwise."""
    texts = {"nik": "0", "passphrase": PASSPHRASE, "tampilan": "visible"} | fields
    received = Received(
        texts=texts,
        document=Document.of(document),
        name="surat.pdf",
        pictures={} if picture is None else {"imageTTD": picture},
    )
    caller = credential or ApiCredential(user_name="kantor", client_id="e-office", geometry=geometry, created_at=NOON)
    task = signing_task_of(received, caller, CREDENTIAL, SignatureLevel.B_B, default=DEFAULT)
    said = {name: getattr(task, name) for name in SigningTask.__dataclass_fields__}
    return SignRequest(**said, passphrase=Secret(PASSPHRASE))


def a_picture(kind: str = "PNG", size: tuple[int, int] = (300, 150)) -> bytes:
    """A blue stroke; transparent around it where the format knows that."""
    drawn = Image.new("RGBA", size, (0, 0, 0, 0))
    ImageDraw.Draw(drawn).rectangle((0, size[1] // 3, size[0], 2 * size[1] // 3), fill=(0, 0, 200, 255))
    saved = io.BytesIO()
    (drawn if kind == "PNG" else drawn.convert("RGB")).save(saved, kind)
    return saved.getvalue()


def rectangle(pdf: bytes, page: int = 0) -> tuple[float, ...]:
    """Of the newest widget of a page, in its user space."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return tuple(float(corner) for corner in opened.pages[page].Annots[-1].Rect)


def seen(pdf: bytes, page: int = 0, *, scale: int = _SCALE) -> Image.Image:
    """The page as people see it, widgets included, so many pixels a point."""
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    return document[page].render(scale=scale).to_pil().convert("L")


def says(pdf: bytes, box: tuple[float, float, float, float], text: str, page: int = 0) -> bool:
    """Whether the square in the middle of `box` (as seen, points, from below) is the QR of exactly `text`.

    Its modules are read one by one from the drawn page; the square is as large as the box lets it be.
    """
    picture = seen(pdf, page)
    matrix = segno.make_qr(
        text, error="m", boost_error=False, mask=4, encoding=None if text.isascii() else "utf-8"
    ).matrix
    across, up = box[2] - box[0], box[3] - box[1]
    side = min(across, up)
    left, top = box[0] + (across - side) / 2, picture.height / _SCALE - box[3] + (up - side) / 2
    module = side / (len(matrix) + 2 * _QUIET)

    def is_dark(row: int, column: int) -> bool:
        x, y = left + (column + _QUIET + 0.5) * module, top + (row + _QUIET + 0.5) * module
        return int(picture.getpixel((int(x * _SCALE), int(y * _SCALE)))) < 128  # type: ignore[call-overload]  # grey

    size = range(len(matrix))
    return [[is_dark(row, column) for column in size] for row in size] == [
        [bool(each) for each in row] for row in matrix
    ]
