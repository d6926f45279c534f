"""Pictures of pages for people without a PDF reader. Imports pypdfium2 and Pillow; runs only in the worker."""

from io import BytesIO
from typing import Final

import pypdfium2
from PIL import Image

from verifier.limits import Limits

QUALITY: Final = 80
"""WebP quality: a letter's page stays near 40 kB, the citizen's budget."""


class NotDrawable(Exception):
    """No picture can be made; the text is safe to show. Never leaves the package."""


def page_sizes(pdf: bytes, limits: Limits) -> tuple[tuple[float, float], ...]:
    """Width and height of every page as seen (rotation applied), in points."""
    with opened(pdf) as document:
        if len(document) > limits.pages:
            raise NotDrawable(f"more than {limits.pages} pages")
        return tuple(
            (float(width), float(height)) for width, height in map(document.get_page_size, range(len(document)))
        )


def preview(pdf: bytes, *, page: int, width: int, limits: Limits) -> bytes:
    """Page `page` (from 1) as WebP, `width` pixels wide. Annotations and stamps are drawn, scripts are not run."""
    with opened(pdf) as document:
        out = BytesIO()
        drawn(document, page=page, width=width, limits=limits).save(out, "WEBP", quality=QUALITY, method=4)
        return out.getvalue()


def drawn(document: pypdfium2.PdfDocument, *, page: int, width: int, limits: Limits) -> Image.Image:
    """Page `page` (from 1) of an opened document, `width` pixels wide. Raises `NotDrawable`."""
    if not 1 <= page <= len(document):
        raise NotDrawable(f"the document has no page {page}")
    if not 1 <= width <= limits.preview_width:
        raise NotDrawable(f"the width must lie between 1 and {limits.preview_width} pixels")
    points_wide, points_high = document.get_page_size(page - 1)
    if points_wide <= 0 or points_high <= 0:
        raise NotDrawable("the page has no area")
    scale = width / points_wide
    if width * points_high * scale > limits.preview_pixels:
        raise NotDrawable("the page is too long for a preview")
    image: Image.Image = document[page - 1].render(scale=scale, may_draw_forms=True).to_pil()
    return image


def opened(pdf: bytes) -> pypdfium2.PdfDocument:
    """The document, to be used as a context; raises `NotDrawable`."""
    try:
        document = pypdfium2.PdfDocument(pdf)
        document.init_forms()
    except pypdfium2.PdfiumError as error:
        raise NotDrawable("the file cannot be read as PDF") from error
    return document
