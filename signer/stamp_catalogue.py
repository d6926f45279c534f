"""Every stamp template of this service, each with its painter: the house's own, and those of the operator's folder."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from signer.errors import StampRefused, TemplateRefused
from signer.stamp import StampText
from signer.stamp_boxes import read_boxes
from signer.stamp_painter import StampPainter
from signer.stamp_reading import HOUSE, read_template
from signer.stamp_template import StampKind, StampTemplate
from signer.stamp_trial import try_templates

DEFAULT: Final = "official"
AGENCYS: Final = "*"
"""Instead of a footer's name: whichever the agency has."""
_MOST: Final = 200


class StampCatalogue:
    """Templates by name. Build it once a process; painting may run in several threads."""

    def __init__(self, folder: Path | None = None, *, default: str = DEFAULT) -> None:
        """`folder` holds the operator's templates, a folder each; `default` is drawn where nobody asks for another.

        Raises `TemplateRefused` for the first one that is broken, with its name and the reason.
        """
        templates = [read_template(each) for each in _folders(HOUSE)]
        own = list(_folders(folder)) if folder is not None else []
        templates += [read_template(each) for each in own]
        try_templates(own)
        self._templates: dict[str, StampTemplate] = {}
        self._by_agency: dict[tuple[StampKind, str], str] = {}
        for template in templates:
            self._add(template)
        self._painters = {name: StampPainter(template) for name, template in self._templates.items()}
        self._default = default
        if default not in self._templates or self._templates[default].kind is not StampKind.SIGNATURE:
            raise TemplateRefused(f"stamp template {default!r}: there is no such template of the kind signature")
        self.boxes = read_boxes(folder)
        """Saved places."""
        for name in sorted(self.boxes.templates()):
            if name not in self._templates or self._templates[name].kind is not StampKind.SIGNATURE:
                raise TemplateRefused(f"boxes.toml: there is no template {name!r} of the kind signature")

    def all(self) -> tuple[StampTemplate, ...]:
        """Every template, by name."""
        return tuple(self._templates[name] for name in sorted(self._templates))

    def chosen(self, name: str | None, agency: str | None, kind: StampKind = StampKind.SIGNATURE) -> StampTemplate:
        """The one of `kind` asked for by `name`, or the one of `agency`, or the default. Raises `StampRefused`."""
        default = self._default if kind is StampKind.SIGNATURE else kind.value
        name = name or self._by_agency.get((kind, (agency or "").casefold()), default)
        return self._named(name, kind, "stamp.template")

    def footer(self, name: str | None, agency: str | None) -> StampTemplate | None:
        """The footer of that name, for `AGENCYS` the agency's or the house's; `None` where none is asked for.

        Raises `StampRefused`.
        """
        if name == AGENCYS:
            name = self._by_agency.get((StampKind.FOOTER, (agency or "").casefold()), StampKind.FOOTER.value)
        return None if name is None else self._named(name, StampKind.FOOTER, "footer")

    def _named(self, name: str, kind: StampKind, field: str) -> StampTemplate:
        template = self._templates.get(name)
        if template is None or template.kind is not kind:
            names = sorted(each.name for each in self._templates.values() if each.kind is kind)
            raise StampRefused(
                f"There is no such template. Known here: {', '.join(names)}.", field=field, reason="no-such-template"
            )
        return template

    def paint(self, template: StampTemplate, text: StampText, at: datetime, *, pdfa_1: bool = False) -> bytes:
        """The drawing as a PDF of one page, fit for PDF/A-1 too where asked; raises `StampRefused` where it cannot be
        drawn."""
        return self._painters[template.name].paint(text, at, pdfa_1=pdfa_1)

    def footers(
        self, template: StampTemplate, text: StampText, at: datetime, *, pdfa_1: bool
    ) -> Callable[[Sequence[float]], tuple[bytes, ...]]:
        """From the width of each page's strip to PDFs with a page for each of them; that raises as `paint`."""
        return lambda widths: self._painters[template.name].paint_footers(text, widths, at, pdfa_1=pdfa_1)

    def _add(self, template: StampTemplate) -> None:
        if template.name in self._templates:
            raise TemplateRefused(f"stamp template {template.name!r}: another one has this name; rename the folder")
        self._templates[template.name] = template
        for agency in template.agencies:
            other = self._by_agency.setdefault((template.kind, agency), template.name)
            if other != template.name:
                raise TemplateRefused(f"stamp template {template.name!r}: {other!r} is for the agency {agency!r} too")


def _folders(folder: Path) -> Iterator[Path]:
    try:
        found = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError as error:
        raise TemplateRefused(f"the folder of stamp templates {folder}: {error.strerror}") from None
    if len(found) > _MOST:
        raise TemplateRefused(f"the folder of stamp templates {folder}: more than {_MOST} templates")
    yield from found
