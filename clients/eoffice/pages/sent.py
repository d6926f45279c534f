"""Between a paper and its form in a browser: what was typed before, files that come along, files that stay."""

import json
from collections.abc import Mapping
from typing import Any, Final

from eoffice.attachments import MOST_BYTES, Attachment, attached
from eoffice.feature import Field, Input, PaperKind
from eoffice.files import Files
from eoffice.model import Paper
from eoffice.service import PaperService

LARGEST: Final = 2 * MOST_BYTES + 1024 * 1024
"""Bytes of a form with its files."""
MORE: Final = "more"
"""The button that asks for more empty rows."""


def defaults(kind: PaperKind) -> dict[str, list[str]]:
    """What stands in an empty form."""
    return {each.name: [each.default] for each in kind.fields if each.default is not None}


def as_sent(paper: Paper) -> dict[str, list[str]]:
    """The paper as a browser would send it."""
    sent: dict[str, list[str]] = {}
    for name, value in paper.form.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            sent |= {f"{name}.{column}": [_text(row[column]) for row in value] for column in value[0]}
        elif isinstance(value, list):
            sent[name] = [str(each) for each in value]
        elif value is not None:
            sent[name] = [_text(value)]
    until = [] if paper.valid_until is None else [paper.valid_until.isoformat()]
    fixed = {"subject": [paper.subject], "secrecy": [paper.secrecy.value], "urgency": [paper.urgency.value]}
    return {**sent, **fixed, "valid_until": until}


def with_files(
    files: Files,
    kind: PaperKind,
    sent: Mapping[str, list[str]],
    uploads: Mapping[str, tuple[str, bytes]],
    paper: Paper | None,
) -> dict[str, list[str]]:
    """What was typed, with what stands for each file: the one that was sent now, or the paper's own, unless
    `<field>.remove` is ticked. What a browser typed for a file counts nothing: it would name somebody else's.

    Raises `Refused` for a file that the field does not take.
    """
    taken = dict(sent)
    for field in kind.fields:
        if field.input is Input.FILE:
            taken[field.name] = _file(files, field, uploads, paper, remove=f"{field.name}.remove" in sent)
    return taken


def attachments(service: PaperService, paper: Paper) -> list[tuple[Field, Attachment]]:
    """The files of a paper's form."""
    fields = [each for each in service.kind(paper.feature, paper.kind).fields if each.input is Input.FILE]
    return [(each, Attachment(**paper.form[each.name])) for each in fields if paper.form.get(each.name)]


def _file(
    files: Files, field: Field, uploads: Mapping[str, tuple[str, bytes]], paper: Paper | None, *, remove: bool
) -> list[str]:
    if field.name in uploads:
        name, content = uploads[field.name]
        return [attached(files, field, content, name)]
    before = None if paper is None or remove else paper.form.get(field.name)
    return [] if before is None else [json.dumps(before)]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, dict) else str(value)
