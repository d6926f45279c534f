"""Pages drawn by typst: PDF/A-2a and PDF/UA-1, or nothing. What people typed arrives as data, never as markup."""

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, cast

import typst

from eoffice.errors import Misconfigured, Refused
from eoffice.model import Place

TEMPLATES: Final = Path(__file__).with_name("templates")
PACKAGES: Final = TEMPLATES / "packages"
"""What templates import, wherever they lie: `@local/office:1.0.0`."""
_NOWHERE: Final = TEMPLATES / "no-packages"
"""Does not exist: nothing is ever fetched."""
_NONE: Final[Mapping[str, bytes]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A page, and where its stamps go."""

    pdf: bytes
    places: tuple[Place, ...]


class Printer:
    """Draws pages from the templates of the office, and of features from elsewhere."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders

    def draw(
        self, template: str, data: Mapping[str, Any], *, at: datetime, pictures: Mapping[str, bytes] = _NONE
    ) -> Printed:
        """The pages; the same data and time give the same bytes. A template that is given pictures shows each one as
        `image("/<name>")`, and imports nothing that lies beside it.

        Raises `Misconfigured` where there is no such template, and `Refused` where the pages cannot be made accessible
        or archivable: typst says why.
        """
        path = self._found(template)
        if not pictures:
            return _drawn(path, data, at)
        with tempfile.TemporaryDirectory(prefix="eoffice-") as folder:
            for name, content in pictures.items():
                (Path(folder) / name).write_bytes(content)
            return _drawn(Path(shutil.copy(path, folder)), data, at)

    def _found(self, template: str) -> Path:
        for folder in (*self._folders, TEMPLATES):
            if (folder / template).is_file():
                return folder / template
        raise Misconfigured(f"there is no template {template}: put it into templates/ beside its feature")


def _drawn(path: Path, data: Mapping[str, Any], at: datetime) -> Printed:
    try:
        page = typst.Compiler(
            str(path),
            root=str(path.parent),
            ignore_system_fonts=True,
            package_path=str(PACKAGES),
            package_cache_path=str(_NOWHERE),
            sys_inputs={"data": json.dumps(data)},
        )
        pdf = page.compile(format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=int(at.timestamp()))
        marks = json.loads(page.query("<stamp>", field="value"))
    except typst.TypstError as error:
        said = error.message.splitlines()[0]
        raise Refused(f"Halaman tidak dapat dibuat. · The page cannot be drawn: {said}", field="form") from None
    return Printed(pdf=cast(bytes, pdf), places=tuple(_place(each) for each in marks))


def _place(mark: Mapping[str, float]) -> Place:
    """typst measures from the top, PDF from the bottom."""
    return Place(
        step=int(mark["step"]),
        page=int(mark["page"]),
        x=round(mark["x"], 2),
        y=round(mark["sheet"] - mark["y"] - mark["height"], 2),
        width=mark["width"],
        height=mark["height"],
    )
