"""Attacks that come after a signature, in one revision of their own, on a letter that has something to attack.

Sources: "Shadow Attacks" (Mainka, Mladenov, Rohlmann; NDSS 2021), "Breaking the Specification" (Rohlmann and others;
S&P 2021: evil annotation attack EAA, sneaky signature attack SSA), "1 Trillion Dollar Refund" (CCS 2019); the others
are what a change of a document can be (ISO 32000-2, 7 to 14). Fields, annotations
and confusions of one object in two places are in `later_fields`.
"""

from typing import Final

from tests.vectors.edits import SCRIPT, SHOWN, Later, change, put, several
from tests.vectors.furnished import FALSE, stream
from tests.vectors.later_fields import CONFUSIONS, FIELDS

CONTENT: Final = (
    Later(name="content overwritten", does=put(content1=SHOWN), page=1),
    Later(name="content replaced by what was signed along", does=change("page1", "/Contents", b"@spare"), page=1),
    Later(name="content appended", does=change("page1", "/Contents", b"[@content1 @more]", more=SHOWN), page=1),
    Later(name="content taken away", does=lambda edit: edit.drop("page1", "/Contents"), page=1),
    Later(
        name="picture overwritten",
        does=put(
            image=stream(
                b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8",
                b"\xff",
            )
        ),
    ),
    Later(
        name="font overwritten",
        does=put(
            font=b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding << /Differences [49 /nine] >> >>"
        ),
    ),
    Later(
        name="resources replaced",
        does=change(
            "page1",
            "/Resources",
            b"<< /Font << /F1 @other >> >>",
            other=b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
        ),
        page=1,
    ),
    Later(name="page moved", does=change("page1", "/MediaBox", b"[0 400 595 842]"), page=1),
    Later(name="page cropped", does=change("page1", "/CropBox", b"[0 0 595 400]"), page=1),
    Later(name="page turned", does=change("page1", "/Rotate", b"180"), page=1),
    Later(name="page scaled", does=change("page1", "/UserUnit", b"9"), page=1),
    Later(name="all pages moved", does=change("pages", "/MediaBox", b"[0 400 595 842]")),
    Later(
        name="pages swapped",
        does=change(
            "pages",
            "/Kids",
            b"[@new]",
            new=b"<< /Type /Page /Parent @pages /Contents @spare /Resources << /Font << /F1 @font >> >> >>",
        ),
    ),
    Later(name="page removed", does=several(change("pages", "/Kids", b"[]"), change("pages", "/Count", b"0"))),
    Later(name="page acts", does=change("page1", "/AA", b"<< /O %s >>" % SCRIPT), page=1),
    Later(name="order of tabs changed", does=change("page1", "/Tabs", b"/R"), page=1),
)
CATALOG: Final = tuple(
    Later(name=f"catalog: {key}", does=change("catalog", key, value), why=key)
    for key, value in {
        "/OpenAction": SCRIPT,
        "/AA": b"<< /WC %s >>" % SCRIPT,
        "/Names": b"<< /JavaScript << /Names [(a) %s] >> >>" % SCRIPT,
        "/Pages": b"<< /Type /Pages /Kids [@page1] /Count 1 >>",
        "/Outlines": b"<< /Type /Outlines >>",
        "/OCProperties": b"<< /OCGs [@layer] /D << /OFF [@layer] >> >>",
        "/StructTreeRoot": b"<< /Type /StructTreeRoot >>",
        "/PageLabels": b"<< /Nums [0 << /S /r >>] >>",
        "/PageLayout": b"/OneColumn",
        "/ViewerPreferences": b"<< /HideToolbar true >>",
        "/Lang": b"(en)",
        "/AF": b"[@attachment]",
        "/URI": b"<< /Base (https://contoh.example) >>",
        "/Dests": b"<< >>",
        "/Collection": b"<< /View /T >>",
        "/Requirements": b"[]",
        "/NeedsRendering": b"true",
        "/Unheard": b"(of)",
    }.items()
)
AROUND: Final = (
    Later(name="attachment overwritten", does=put(file=stream(b"/Type /EmbeddedFile", FALSE.encode()))),
    Later(name="attachment renamed", does=change("attachment", "/F", b"(lain.txt)")),
    Later(name="attachment added", does=change("names", "/EmbeddedFiles", b"<< /Names [(lain) @attachment] >>")),
    Later(name="outline leads elsewhere", does=change("outline", "/A", SCRIPT)),
    Later(name="layer hidden", does=change("layer", "/Usage", b"<< /View << /ViewState /OFF >> >>")),
    Later(name="version lowered", does=change("catalog", "/Version", b"/1.0"), planted={}, why="version"),
    Later(name="metadata become a picture", does=change("catalog", "/Metadata", b"@image"), why="metadata"),
    Later(name="metadata removed", does=lambda edit: edit.drop("catalog", "/Metadata"), why="metadata"),
    Later(name="form removed", does=lambda edit: edit.drop("catalog", "/AcroForm"), why="form"),
    Later(name="what is said aloud changed", does=change("paragraph", "/ActualText", b"(%s)" % FALSE.encode())),
    Later(
        name="element added that is no widget",
        does=several(
            put(more=b"<< /Type /StructElem /S /P /P @document /Pg @page1 /K 0 /ActualText (%s) >>" % FALSE.encode()),
            lambda edit: edit.append("document", "/K", b"@more"),
        ),
        why="structure tree",
    ),
    Later(name="element removed", does=change("document", "/K", b"[]"), why="structure tree"),
    Later(name="roles changed", does=change("tree", "/RoleMap", b"<< /P /Artifact >>"), why="/RoleMap"),
    Later(name="index of the structure changed", does=change("parents", "/Nums", b"[0 [@document]]"), why="index"),
    Later(
        name="index of the structure extended",
        does=change("parents", "/Nums", b"[0 [@paragraph] 1 @paragraph]"),
        why="index",
    ),
)
ALL: Final = (*CONTENT, *CATALOG, *AROUND, *FIELDS, *CONFUSIONS)
