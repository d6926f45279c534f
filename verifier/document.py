"""A PDF opened for judging: its signature fields and their raw facts. Imports pyHanko for parsing only."""

import logging
import re
from dataclasses import dataclass
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.crypt import AuthStatus
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import extract_contents

from verifier.history import Reader
from verifier.limits import Limits
from verifier.model import SignatureKind, SubIndication
from verifier.pdf_objects import entry

for _noisy in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_noisy).setLevel(logging.CRITICAL)  # they quote strangers' files; what matters is in the report

_SIGNATURE_MARK: Final = re.compile(rb"/ByteRange\s*\[")
_INTEGRITY_MARK: Final = re.compile(rb"/AuthCode\s*<<(?:[^<>]|<[0-9A-Fa-f\s]*>)*?/ByteRange\s*\[")


class Unreadable(Exception):
    """This file cannot be judged; the text says why. Never leaves the package: it becomes a report."""


class Encrypted(Unreadable):
    """The file is encrypted and stays closed."""

    def __init__(self, detail: str, reason: SubIndication = SubIndication.UNSUPPORTED) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureField:
    """One filled signature field, as the file has it."""

    name: str
    kind: SignatureKind
    subfilter: str
    byte_range: tuple[int, ...]
    contents: bytes
    """The CMS, with its padding."""
    offset: int | None
    """Where the signature dictionary starts in the file; `None` inside an object stream."""
    revision: int
    """From 0: the newest revision whose cross-reference section lies inside the covered bytes.

    At least the one that last wrote the signature dictionary; more in linearized files, whose two sections are one act.
    """
    value: generic.DictionaryObject
    field: generic.DictionaryObject

    @property
    def end(self) -> int:
        """One past the last covered byte; only meaningful when the byte range has no fault."""
        return self.byte_range[2] + self.byte_range[3]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedDocument:
    """What the parser makes of a file."""

    pdf: bytes
    reader: Reader
    fields: tuple[SignatureField, ...]
    """In the order of their revisions."""
    broken_fields: tuple[tuple[str, str], ...]
    """Name of each signature field whose value cannot be read, and why."""
    page_count: int | None
    revisions: int
    hidden_signatures: bool
    """Whether the bytes hold a signature dictionary although no field of the current revision shows one."""


def open_document(pdf: bytes, limits: Limits, password: str = "") -> OpenedDocument:
    """Parse `pdf` within `limits`; raises `Unreadable` for whatever a parser may stumble over."""
    try:
        return _open(pdf, limits, password)
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # a hostile file makes a parser raise anything at all
        raise Unreadable(f"not readable as PDF: {type(error).__name__}") from error


def _open(pdf: bytes, limits: Limits, password: str) -> OpenedDocument:
    if b"%PDF-" not in pdf[:1024]:
        raise Unreadable("not readable as PDF: there is no PDF header")
    reader = Reader(pdf)
    if "/Encrypt" in reader.trailer:
        _decrypt(reader, password)
    revisions = reader.xrefs.total_revisions
    if revisions > limits.revisions:
        raise Unreadable(f"more than {limits.revisions} revisions")
    objects = sum(_written(reader.xrefs.get_xref_data(index)) for index in range(revisions))
    if objects > limits.objects:
        raise Unreadable(f"more than {limits.objects} objects")
    if not isinstance(reader.root, generic.DictionaryObject):
        raise Unreadable("not readable as PDF: there is no document catalog")
    page_count = _page_count(reader)
    if page_count is not None and page_count > limits.pages:
        raise Unreadable(f"more than {limits.pages} pages")
    fields, broken = _fields(reader, limits)
    return OpenedDocument(
        pdf=pdf,
        reader=reader,
        fields=fields,
        broken_fields=broken,
        page_count=page_count,
        revisions=revisions,
        hidden_signatures=not fields and not broken and _has_signature_mark(reader, pdf),
    )


def _has_signature_mark(reader: Reader, pdf: bytes) -> bool:
    """Whether a byte range stands anywhere that is not that of an encrypted file's integrity code (ISO 32004, 5.2)."""
    marks = len(_SIGNATURE_MARK.findall(pdf))
    if marks and "/Encrypt" in reader.trailer:
        marks -= len(_INTEGRITY_MARK.findall(pdf))
    return marks > 0


def _written(section: Any) -> int:
    """How many objects a cross-reference section names."""
    hidden = _written(section.hybrid.xref_data) if section.hybrid else 0
    return len(section.explicit_refs_in_revision) + hidden


def _decrypt(reader: Reader, password: str) -> None:
    """Open what anybody may open, or what opens with the password (of its user or owner) that came along."""
    try:
        status = reader.decrypt("").status
        if status is AuthStatus.FAILED and password:
            status = reader.decrypt(password).status
    except Exception as error:  # damaged encryption dictionaries raise anything at all
        raise Encrypted("the file is encrypted in a way that this version does not open") from error
    if status is AuthStatus.FAILED and password:
        raise Encrypted("the password does not open the file", SubIndication.PASSWORD_WRONG)
    if status is AuthStatus.FAILED:
        raise Encrypted("the file opens with a password alone", SubIndication.PASSWORD_NEEDED)


def _page_count(reader: Reader) -> int | None:
    try:
        count = reader.root["/Pages"]["/Count"]
    except (KeyError, TypeError):
        return None
    return int(count) if isinstance(count, int) and count >= 0 else None


def _fields(reader: Reader, limits: Limits) -> tuple[tuple[SignatureField, ...], tuple[tuple[str, str], ...]]:
    found: list[SignatureField] = []
    broken: list[tuple[str, str]] = []
    for name, value, reference in enumerate_sig_fields(reader, filled_status=True):
        if len(found) + len(broken) >= limits.signatures:
            raise Unreadable(f"more than {limits.signatures} signatures")
        try:
            found.append(_field(reader, str(name), value, reference.get_object()))
        except Unreadable as error:
            broken.append((str(name), str(error)))
        except (KeyError, TypeError, ValueError, AttributeError, AssertionError) as error:
            broken.append((str(name), f"the signature dictionary cannot be read: {type(error).__name__}"))
    return tuple(sorted(found, key=lambda each: (each.revision, each.byte_range[2:3]))), tuple(broken)


def _section_end(reader: Reader, revision: int) -> int:
    return int(reader.xrefs.get_xref_container_info(revision).end_location)


def _field(reader: Reader, name: str, value: Any, field: generic.DictionaryObject) -> SignatureField:
    dictionary = value.get_object()
    if not isinstance(dictionary, generic.DictionaryObject):
        raise Unreadable("the value of the signature field is no dictionary")
    if "/ByteRange" not in dictionary:
        raise Unreadable("the signature dictionary has no /ByteRange")
    if "/Contents" not in dictionary:
        raise Unreadable("the signature dictionary has no /Contents")
    numbers = dictionary["/ByteRange"]
    if not isinstance(numbers, generic.ArrayObject) or not all(isinstance(each, int) for each in numbers):
        raise Unreadable("/ByteRange is not an array of whole numbers")
    byte_range = tuple(int(each) for each in numbers)
    container = dictionary.get_container_ref()
    revision = reader.xrefs.get_last_change(container)
    place = reader.xrefs.get_historical_ref(container, revision)
    covered = sum(byte_range[2:4])
    while revision + 1 < reader.xrefs.total_revisions and _section_end(reader, revision + 1) <= covered:
        revision += 1
    subfilter = str(entry(dictionary, "/SubFilter") or "")
    is_timestamp = entry(dictionary, "/Type") == "/DocTimeStamp" or subfilter == "/ETSI.RFC3161"
    return SignatureField(
        name=name,
        kind=SignatureKind.DOCUMENT_TIMESTAMP if is_timestamp else SignatureKind.SIGNATURE,
        subfilter=subfilter.removeprefix("/"),
        byte_range=byte_range,
        contents=extract_contents(dictionary),
        offset=place if isinstance(place, int) else None,
        revision=revision,
        value=dictionary,
        field=field,
    )
