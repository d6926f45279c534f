"""Stamp templates at the desk: which there are, and how each draws the texts that somebody tries."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.office.desk import Caller, Desk
from api.pages.moments import in_words
from api.permissions import Permission
from signer.appointments import OFFICE_CLOCK
from signer.errors import Refused
from signer.stamp import StampText
from signer.stamp_catalogue import StampCatalogue
from signer.stamp_template import StampKind, StampTemplate
from signer.texts import printable_text

LONGEST: Final = 200
"""Characters of one text that is tried."""
_MOST_TITLES: Final = 6
_OFFSET: Final = int((OFFICE_CLOCK.utcoffset(None)).total_seconds() // 3600)
_SAMPLE_CODE: Final = "K7Q2M 9XTBN"
_SAMPLE_TOKEN: Final = "7ZZ9M2K4QX8T3B6N1V5C0W2E4R"  # noqa: S105 - of no document


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedTexts:
    """What is drawn; nobody's, and kept nowhere."""

    titles: tuple[str, ...] = ("KEPALA DINAS CONTOH,",)
    name: str = "I Wayan Contoh, S.T."
    agency: str = "Dinas Contoh"
    rank: str = "Pembina Tingkat I"


class StampOffice:
    """Each look under the right of its caller. `now` gives aware UTC."""

    def __init__(
        self,
        *,
        desk: Desk,
        catalogue: StampCatalogue,
        picture: Callable[[bytes], bytes],
        public_url: str,
        issuer: str,
        now: Callable[[], datetime],
    ) -> None:
        """`picture`: the first page of a PDF as WebP, drawn in a process that can be killed."""
        self._desk = desk
        self._catalogue = catalogue
        self._picture = picture
        self._public_url = public_url
        self._issuer = issuer
        self._now = now

    def all(self, caller: Caller) -> tuple[StampTemplate, ...]:
        """Every installed template, by name."""
        with self._desk.acting(caller, Permission.OPERATION_READ):
            return self._catalogue.all()

    def preview(self, caller: Caller, name: str, texts: TriedTexts) -> bytes:
        """That template with those texts, as WebP. Raises `Refused`, `signer.errors.StampRefused` for texts that do
        not fit in, and as the picture does."""
        with self._desk.acting(caller, Permission.OPERATION_READ):
            template = next((each for each in self._catalogue.all() if each.name == name), None)
            if template is None:
                raise Refused("There is no such template.", field="template", reason="unknown")
            at = self._now()
            text = StampText(
                titles=tuple(_text(each, "titles") for each in texts.titles[:_MOST_TITLES] if each.strip()),
                name=_text(texts.name, "name"),
                agency=_text(texts.agency, "agency") or None,
                rank=_text(texts.rank, "rank") or None,
                nip=None,
                time=in_words(at, utc_offset_hours=_OFFSET).id,
                code=_SAMPLE_CODE,
                issuer=self._issuer,
                certified=False,
                address=f"{self._public_url}/v/{_SAMPLE_TOKEN}",
            )
            if template.kind is StampKind.FOOTER:
                return self._picture(self._catalogue.footers(template, text, at, pdfa_1=False)([template.width])[0])
            return self._picture(self._catalogue.paint(template, text, at))


def _text(said: str, field: str) -> str:
    if len(said) > LONGEST:
        raise Refused(f"Each text has at most {LONGEST} characters.", field=field, reason="too-long")
    return printable_text(said.strip(), field)
