"""Files as examples of the contract: short ones of a kind that is text, each one that a reader of its kind opens."""

from collections.abc import Mapping
from typing import Final

from api.bodies import PDF

_OBJECTS: Final = (
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>",
)


def _letter() -> str:
    """One empty A4 page as a whole PDF (ISO 32000-1, 7.5): header, objects, table of their places, trailer."""
    text, places = "%PDF-1.4\n", list[int]()
    for number, content in enumerate(_OBJECTS, start=1):
        places.append(len(text))
        text += f"{number} 0 obj\n{content}\nendobj\n"
    rows = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(_OBJECTS) + 1
    table = f"xref\n0 {count}\n0000000000 65535 f \n{rows}trailer\n<</Size {count}/Root 1 0 R>>\n"
    return f"{text}{table}startxref\n{len(text)}\n%%EOF\n"


FILES: Final[Mapping[str, str]] = {
    PDF: _letter(),
    "text/csv": "nama,unit_kerja,surel\nI Wayan Contoh,Dinas Contoh,wayan.contoh@example.org\n",
    "application/x-pem-file": "-----BEGIN CERTIFICATE-----\nMIIB...\n-----END CERTIFICATE-----\n",
}
"""By content type. What is no text (DER, workbooks) has none."""
