"""Attacks on fields and annotations after a signature, and on one object that stands in two places. See `later`."""

from typing import Final

from pyhanko.sign.fields import MDPPerm

from tests.vectors.edits import FORM, OVERLAY, SCRIPT, SHOWN, Later, add_field, annotate, change, put, several
from tests.vectors.furnished import FALSE, metadata, stream, text_appearance

NOTE: Final = (
    b"<< /Type /Annot /Subtype /FreeText /Rect [60 700 300 760] /F 4 /Contents (%s) /AP << /N @overlay >> >>"
    % (FALSE.encode())
)
_EMPTY_FIELD: Final = (
    b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Cap) /F 4 /P @page1 /Rect %s /AP << /N @overlay >> >>"
)
FIELDS: Final = (
    Later(name="EAA: note over the sum", does=annotate(NOTE), certify=MDPPerm.FILL_FORMS, page=1, why="annotation"),
    Later(name="EAA: where annotations are permitted", does=annotate(NOTE), certify=MDPPerm.ANNOTATE, page=1),
    Later(name="EAA: stamp", does=annotate(NOTE.replace(b"/FreeText", b"/Stamp")), certify=MDPPerm.ANNOTATE, page=1),
    Later(
        name="EAA: redaction", does=annotate(NOTE.replace(b"/FreeText", b"/Redact")), certify=MDPPerm.ANNOTATE, page=1
    ),
    Later(name="EAA: widget without a field", does=annotate(NOTE.replace(b"/FreeText", b"/Widget")), page=1),
    Later(name="link leads elsewhere", does=change("link", "/A", SCRIPT), page=1, why="annotation"),
    Later(
        name="annotation removed",
        does=change("page1", "/Annots", b"[@amount @agreed @signature]"),
        page=1,
        why="removed",
    ),
    Later(name="annotations reordered", does=change("page1", "/Annots", b"[@amount @link @agreed @signature]"), page=1),
    Later(
        name="SSA: unsigned stamp",
        does=add_field(_EMPTY_FIELD % b"[60 700 300 760]"),
        certify=MDPPerm.FILL_FORMS,
        page=1,
        why="nobody signed",
    ),
    Later(name="SSA: unsigned stamp after an approval", does=add_field(_EMPTY_FIELD % b"[60 700 300 760]"), page=1),
    Later(
        name="SSA: empty value",
        does=add_field((_EMPTY_FIELD % b"[60 700 300 760]").replace(b"/FT", b"/V << >> /FT")),
        page=1,
    ),
    Later(
        name="SSA: the value of another field",
        does=add_field((_EMPTY_FIELD % b"[60 700 300 760]").replace(b"/FT", b"/V @value /FT")),
        page=1,
    ),
    Later(
        name="field with a script",
        does=add_field((_EMPTY_FIELD % b"[0 0 0 0]").replace(b"/FT", b"/AA << /E %s >> /FT" % SCRIPT)),
    ),
    Later(
        name="field of a taken name",
        does=add_field((_EMPTY_FIELD % b"[0 0 0 0]").replace(b"(Cap)", b"(amount)")),
        why="name",
    ),
    Later(
        name="text field added",
        does=add_field((_EMPTY_FIELD % b"[60 700 300 760]").replace(b"/Sig", b"/Tx")),
        certify=MDPPerm.FILL_FORMS,
        why="field was added",
    ),
    Later(name="widget moved", does=change("signature", "/Rect", b"[60 700 300 760]"), page=1, why="signed field"),
    Later(
        name="widget redrawn",
        does=change("signature", "/AP", b"<< /N @overlay >>", overlay=OVERLAY),
        page=1,
        why="signed field",
    ),
    Later(name="widget hidden", does=change("signature", "/F", b"2"), page=1, why="signed field"),
    Later(name="widget acts", does=change("signature", "/A", SCRIPT), page=1, why="signed field"),
    Later(name="signature taken out", does=lambda edit: edit.drop("signature", "/V")),
    Later(name="signature field taken out", does=change("form", "/Fields", b"[@amount @agreed]"), why="removed"),
    Later(
        name="filled in without permission",
        does=several(change("amount", "/V", b"(%s)" % FALSE.encode()), put(amount_shown=text_appearance(FALSE))),
        why="form filling",
    ),
    Later(
        name="filled in: value only",
        does=change("amount", "/V", b"(%s)" % FALSE.encode()),
        certify=MDPPerm.FILL_FORMS,
        page=1,
        why="something else than its value",
    ),
    Later(name="filled in: appearance only", does=put(amount_shown=text_appearance(FALSE)), certify=MDPPerm.FILL_FORMS),
    Later(
        name="filled in: another appearance",
        does=change("amount", "/AP", b"<< /N @new >>", new=text_appearance(FALSE)),
        certify=MDPPerm.FILL_FORMS,
        page=1,
        why="something else than its value",
    ),
    Later(
        name="filled in: a picture",
        does=several(
            change("amount", "/V", b"(Rp 2.000)"),
            change(
                "amount",
                "/AP",
                b"<< /N @new >>",
                new=stream(FORM, b"/F1 9 Tf BT (Rp 2.000) Tj ET q 9 0 0 9 0 0 cm /Im Do Q"),
            ),
        ),
        certify=MDPPerm.FILL_FORMS,
        page=1,
        why="something else than its value",
    ),
    Later(
        name="filled in: a font of its own",
        does=several(
            put(
                digits=b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding << /Differences [50 /nine] >> >>"
            ),
            change("amount", "/V", b"(Rp 2.000)"),
            change("amount", "/AP", b"<< /N @new >>", new=text_appearance("Rp 2.000").replace(b"@font", b"@digits")),
        ),
        certify=MDPPerm.FILL_FORMS,
        page=1,
        why="something else than its value",
    ),
    Later(
        name="filled in: backwards",
        does=several(
            change("amount", "/V", b"(Rp 1.900)"),
            change(
                "amount",
                "/AP",
                b"<< /N @new >>",
                new=stream(FORM, b"BT /F1 9 Tf 40 4 Td (Rp 1.) Tj -40 0 Td (900) Tj ET"),
            ),
        ),
        certify=MDPPerm.FILL_FORMS,
        page=1,
        why="something else than its value",
    ),
    Later(
        name="filled in: shown when touched",
        does=several(
            change("amount", "/V", b"(Rp 2.000)"),
            change("amount", "/AP", b"<< /N @new /R @overlay >>", new=text_appearance("Rp 2.000"), overlay=OVERLAY),
        ),
        certify=MDPPerm.FILL_FORMS,
        page=1,
        why="something else than its value",
    ),
    Later(
        name="field moved",
        does=change("amount", "/Rect", b"[60 700 300 760]"),
        certify=MDPPerm.FILL_FORMS,
        page=1,
        why="not only filled in",
    ),
    Later(name="field hidden", does=change("amount", "/F", b"2"), certify=MDPPerm.FILL_FORMS, page=1),
    Later(
        name="field computes", does=change("amount", "/AA", b"<< /C %s >>" % SCRIPT), certify=MDPPerm.FILL_FORMS, page=1
    ),
    Later(name="field limited", does=change("amount", "/MaxLen", b"1"), certify=MDPPerm.FILL_FORMS, page=1),
    Later(
        name="tick drawn anew",
        does=put(off=stream(b"/Type /XObject /Subtype /Form /BBox [0 0 20 20]", b"0 0 20 20 re f")),
        certify=MDPPerm.FILL_FORMS,
    ),
    Later(name="form drawn by the reader", does=change("form", "/NeedAppearances", b"true"), why="/NeedAppearances"),
    Later(name="form with XFA", does=change("form", "/XFA", b"@spare"), why="/XFA"),
    Later(name="form computes", does=change("form", "/CO", b"[@amount]"), why="/CO"),
    Later(
        name="default font replaced",
        does=change(
            "form",
            "/DR",
            b"<< /Font << /Helv @other >> >>",
            other=b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
        ),
        why="default resources",
    ),
    Later(
        name="filled in after certification that forbids",
        does=change("agreed", "/AS", b"/Yes"),
        certify=MDPPerm.NO_CHANGES,
        page=1,
        why="DocMDP permits less",
    ),
    Later(
        name="certification taken back",
        does=change("catalog", "/Perms", b"<< >>"),
        certify=MDPPerm.FILL_FORMS,
        why="permissions",
    ),
    Later(name="usage rights added", does=change("catalog", "/Perms", b"<< /UR3 @value >>"), why="permissions"),
)
_SHARED_CONTENT: Final = (
    b"<< /Type /Page /Parent @pages /Contents %s /StructParents 0 /Tabs /S /Annots [@link @amount @agreed]"
)
CONFUSIONS: Final = (
    Later(
        name="evidence that is drawn",
        planted={"store": b"<< /Type /DSS /Certs [@content1] >>"},
        does=several(change("catalog", "/DSS", b"@store"), put(content1=SHOWN)),
        page=1,
    ),
    Later(
        name="evidence under a page",
        planted={"store": b"<< /Type /DSS /VRI << /A @page1 >> >>"},
        does=several(change("catalog", "/DSS", b"@store"), change("page1", "/Contents", b"@spare")),
        page=1,
    ),
    Later(
        name="a store that was signed along and is drawn",
        planted={
            "store": b"<< /Type /DSS /Certs [@content1] >>",
            "catalog": b"<< /Type /Catalog /Pages @pages /AcroForm @form /DSS @store >>",
        },
        does=put(content1=SHOWN),
        page=1,
    ),
    Later(
        name="information that is a font",
        planted={
            "info": b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            "page1": _SHARED_CONTENT % b"@content1" + b" /Resources << /Font << /F1 @info >> >> >>",
        },
        does=put(info=b"<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>"),
        page=1,
    ),
    Later(
        name="metadata that are drawn",
        planted={
            "xmp": stream(b"/Type /Metadata /Subtype /XML", metadata("Rp 1.000")),
            "page1": _SHARED_CONTENT % b"@xmp" + b" /Resources << /Font << /F1 @font >> >> >>",
        },
        does=put(xmp=stream(b"/Type /Metadata /Subtype /XML", metadata(FALSE))),
        page=1,
    ),
    Later(
        name="fields that are annotations",
        planted={
            "shared": b"[@amount @agreed]",
            "form": b"<< /Fields @shared /DR << /Font << /Helv @font >> >> >>",
            "page1": b"<< /Type /Page /Parent @pages /Contents @shared /Annots @shared /Resources << >> >>",
        },
        does=put(note=NOTE.replace(b"/AP << /N @overlay >>", b""), shared=b"[@amount @agreed @signature @note]"),
    ),
    Later(
        name="a field that is a font",
        planted={"page1": _SHARED_CONTENT % b"@content1" + b" /Resources << /Font @amount >> >>"},
        does=several(
            change("amount", "/V", b"(Rp 2.000)"),
            change("amount", "/AP", b"<< /N @new >>", new=text_appearance("Rp 2.000")),
        ),
        certify=MDPPerm.FILL_FORMS,
    ),
    Later(
        name="a value that is a picture",
        does=change("amount", "/V", b"@new", new=stream(FORM, b"(Rp 2.000) Tj")),
        certify=MDPPerm.FILL_FORMS,
        page=1,
        why="value that is no text",
    ),
    Later(
        name="default fonts that a page uses",
        planted={
            "fonts": b"<< /F1 @font >>",
            "form": b"<< /Fields [@amount @agreed] /DR << /Font @fonts >> >>",
            "page1": _SHARED_CONTENT % b"@content1" + b" /Resources << /Font @fonts >> >>",
        },
        does=change("fonts", "/F2", b"@font"),
    ),
    Later(
        name="appearance that another annotation shows",
        planted={"link": b"<< /Type /Annot /Subtype /Stamp /Rect [60 600 200 620] /AP << /N @amount_shown >> >>"},
        does=several(change("amount", "/V", b"(%s)" % FALSE.encode()), put(amount_shown=text_appearance(FALSE))),
        certify=MDPPerm.FILL_FORMS,
    ),
)
