"""What a feature has to give. One file in `features/` makes one: see docs/features.md.

A feature says what its papers are: their kinds, forms, steps and page. The office does the rest in the same way for
all of them: drafts, numbers, release, the way to Teken and back, the archive.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from litestar import Controller

from eoffice.model import Agency, Paper, Person, Place, Role, Secrecy, Step
from eoffice.text import Text

if TYPE_CHECKING:  # the office is composed of its features
    from eoffice.compose import Office

MOST_LETTERS = 200
"""Characters of a line."""
MOST_TEXT = 20_000
"""Characters of a text of several paragraphs."""


MOST_ROWS = 200
"""Rows of a table."""
PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


TO_AGENCIES = "agencies"
"""The field of a form that says to which agencies of the office a paper goes once it is signed."""


class Input(StrEnum):
    """How a field is typed."""

    LINE = "line"
    TEXT = "text"
    """Paragraphs, parted by empty lines."""
    DAY = "day"
    NUMBER = "number"
    CHOICE = "choice"
    SIGNATORY = "signatory"
    """One official who has a credential."""
    SIGNATORIES = "signatories"
    """Several, in order."""
    AGENCIES = "agencies"
    """Agencies of the directory."""
    TIME = "time"
    """Of a day: `09:30`."""
    TABLE = "table"
    """Rows of `Field.columns`, which are of LINE, NUMBER, DAY, TIME or CHOICE; the form holds a list of mappings."""
    FILE = "file"
    """A file of one of the types of `Field.accepts`, kept in `office.files`; the form holds a mapping of its `sha256`,
    `name`, `type` and `bytes`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a form."""

    name: str
    label: Text
    input: Input = Input.LINE
    required: bool = True
    help: Text | None = None
    choices: tuple[tuple[str, Text], ...] = ()
    columns: tuple["Field", ...] = ()
    accepts: tuple[str, ...] = (PDF,)
    """Media types: `PDF`, `JPEG`, `PNG`, `DOCX`."""
    default: str | None = None
    """As it would be typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Whom a feature may name: everybody active, by id."""

    people: Mapping[str, Person]
    agencies: Mapping[str, Agency]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a template is given, beside the form."""

    paper: Paper
    drafter: Person
    agency: Agency
    directory: Directory
    number: str
    dated: date
    place: str
    """Where letters are dated."""
    kept: Callable[[str], bytes]
    """The bytes of a file of the form, by its SHA-256."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsIs:
    """A PDF that is signed as it came, and where its stamps go."""

    sha256: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperKind:
    """One kind of paper (*jenis naskah*)."""

    name: str
    """What Teken is told as the kind: its lists of kinds outside of electronic signing go by it."""
    title: Text
    template: str
    """A file in `templates/`."""
    fields: tuple[Field, ...]
    steps: Callable[[Mapping[str, Any]], Sequence[Step]]
    """Who initials and signs, out of the filled form; or the seal."""
    series: str
    """Papers of one series, agency and year share their numbers."""
    content: Callable[[Sheet], Mapping[str, Any]]
    """What the template prints: plain data, never markup."""
    check: Callable[[Mapping[str, Any], Callable[[str], bytes]], None] = lambda _form, _kept: None
    """Raises `Refused` for a filled form whose fields do not go together, or for a file of it; the second argument
    gives the bytes of a file by its SHA-256."""
    as_is: Callable[[Mapping[str, Any]], AsIs | None] = lambda _: None
    """The PDF that takes the place of a drawn page, out of the filled form."""
    pictures: Callable[[Mapping[str, Any]], Sequence[str]] = lambda _: ()
    """SHA-256 of kept pictures, out of the filled form; the template shows one as `image("/<sha256>")`."""
    roles: frozenset[Role] = frozenset({Role.STAFF})
    """Who may start one."""
    secrecy: Secrecy = Secrecy.BIASA
    preview: bool = True
    """Whether Teken's public page may show the pages."""
    validity: bool = False
    """Whether its form asks for a last day."""
    by_hand: bool = True
    """Whether people start one with its form; where not, the feature's own pages and duties do."""
    changed_by_hand: bool = True
    """Whether its drafter changes one with its form; where not, the feature answers for every word of it."""
    personal: bool = False
    """Of single colleagues: read by its drafter, who signs it, and who leads the agency, and by nobody else there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A way to one of a feature's own pages, shown on its page and on the start page."""

    path: str
    title: Text
    roles: frozenset[Role] = frozenset(Role)
    """Who is shown it; the page itself decides who may."""
    partners: bool = False
    """Whether people of partners outside of the province are shown it too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that waits for somebody."""

    path: str
    """Its page."""
    title: str
    small: str = ""
    """What else one should know of it."""
    state: Text | None = None
    tone: str = ""
    """How the state looks: `signed` for good, `signing` for under way, `returned` for what is late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Things of one sort that wait for somebody, a section of the start page; with no lines there is no section."""

    name: str
    """In addresses of the page; its feature's name and a word."""
    title: Text
    lines: Sequence[Line]
    more: Link | None = None
    """Where all of them are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What a feature does by itself every so often; one process at a time does it, and again if that one dies."""

    name: str
    every: timedelta
    """0: whenever the messenger looks."""
    do: Callable[["Office"], None]
    lease: timedelta = timedelta(minutes=15)
    """How long one process has it for itself; after that a dead one's is somebody else's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A feature, as its file declares it under the name `FEATURE`."""

    name: str
    """In addresses: lower case, digits and dashes."""
    title: Text
    says: Text
    """One sentence for the start page."""
    kinds: tuple[PaperKind, ...] = ()
    icon: str = "document"
    pages: tuple[type[Controller], ...] = ()
    """Pages of its own, below `/<name>`; their templates lie in `pages/` beside it and are called `<name>/….html`."""
    links: tuple[Link, ...] = ()
    on_paper: Callable[["Office", Paper], None] | None = None
    """Told after a paper of it was signed, returned, cancelled or withdrawn: at least once each, as it stands then."""
    duties: tuple[Duty, ...] = ()
    waits: Callable[["Office", Person], Sequence[Waiting]] | None = None
    """What waits for a person of the province; asked each time that the start page is shown."""
    public: Callable[["Office"], Mapping[str, Any]] | None = None
    """What its page `/open/<name>`, which everybody may read, is drawn from with the template `<name>/open.html`."""
    home: Path | None = None
    """The folder of its file; whoever loads it fills this in."""
