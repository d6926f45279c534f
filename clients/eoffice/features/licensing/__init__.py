"""Licensing (*perizinan*): citizens apply without an account, staff checks, and the permit is signed by the head of the
agency or, where no one has to decide, sealed."""

from collections.abc import Mapping, Sequence
from typing import Any

from eoffice.feature import Feature, Field, Input, Link, PaperKind, Sheet
from eoffice.features.licensing.applications import told
from eoffice.features.licensing.citizen import CitizenController
from eoffice.features.licensing.desk import LicensingController
from eoffice.features.licensing.model import CERTIFICATE, NAME, PERMIT, RECOMMENDATION
from eoffice.model import Act, Role, Step
from eoffice.text import Text
from eoffice.words import on_day

_FIELDS = (
    Field(name="holder", label=Text("Pemegang", "Holder")),
    Field(name="address", label=Text("Alamat", "Address"), input=Input.TEXT),
    Field(name="activity", label=Text("Kegiatan", "Activity")),
    Field(name="location", label=Text("Lokasi", "Place of it")),
    Field(name="terms", label=Text("Ketentuan", "Terms"), input=Input.TEXT, required=False),
    Field(
        name="application",
        label=Text("Permohonan", "Application"),
        required=False,
        help=Text("Diisi oleh permohonan daring", "Filled in by applications online"),
    ),
)
_SIGNATORY = Field(name="signatory", label=Text("Penanda tangan", "Who signs"), input=Input.SIGNATORY)


def _signature(form: Mapping[str, Any]) -> Sequence[Step]:
    return (Step(order=1, act=Act.SIGNATURE, person_id=form["signatory"]),)


def _seal(_: Mapping[str, Any]) -> Sequence[Step]:
    return (Step(order=1, act=Act.SEAL, person_id=None),)


def _content(sheet: Sheet) -> Mapping[str, Any]:
    form, until = sheet.paper.form, sheet.paper.valid_until
    signatory = sheet.directory.people.get(form.get("signatory") or "")
    return {
        "heading": sheet.paper.kind.upper(),
        "particulars": [
            ["Pemegang", form["holder"]],
            ["Alamat", " ".join(form["address"].split())],
            ["Kegiatan", form["activity"]],
            ["Lokasi", form["location"]],
            ["Berlaku sampai", "dicabut atau diganti" if until is None else on_day(until)],
        ],
        "terms": [each.replace("\n", " ") for each in (form["terms"] or "").split("\n\n") if each.strip()],
        "place": sheet.place,
        "date": on_day(sheet.dated),
        "signatory": None
        if signatory is None
        else {"above": [], "office": signatory.office, "name": signatory.name, "rank": signatory.rank},
    }


def _kind(name: str, title: Text, *, sealed: bool = False) -> PaperKind:
    return PaperKind(
        name=name,
        title=title,
        template="licensing_permit.typ",
        fields=_FIELDS if sealed else (*_FIELDS, _SIGNATORY),
        steps=_seal if sealed else _signature,
        series="perizinan",
        content=_content,
        preview=False,
        validity=True,
    )


FEATURE = Feature(
    name=NAME,
    title=Text("Perizinan", "Licensing"),
    says=Text("Permohonan warga, periksa, terbitkan.", "Applications of citizens, checked and granted."),
    icon="permit",
    kinds=(
        _kind(PERMIT, Text("Izin", "Permit")),
        _kind(RECOMMENDATION, Text("Rekomendasi", "Recommendation")),
        _kind(CERTIFICATE, Text("Sertifikat standar (segel)", "Certificate, sealed"), sealed=True),
    ),
    pages=(LicensingController, CitizenController),
    links=(
        Link(path=f"/{NAME}", title=Text("Permohonan", "Applications")),
        Link(path=f"/{NAME}/services", title=Text("Layanan", "Services"), roles=frozenset({Role.LEADER})),
        Link(path=f"/{NAME}/apply", title=Text("Formulir warga", "The form for citizens")),
    ),
    on_paper=told,
)
