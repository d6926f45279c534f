"""A receipt drawn by typst: one page A4, PDF/A-2a. What strangers wrote arrives as data and is never markup."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import typst

from signer.stamp_painter import FONTS

TEMPLATE: Final = Path(__file__).with_name("receipt.typ")
_NOWHERE: Final = TEMPLATE.parent / "no-packages"
"""Does not exist: a drawing has no packages."""
_LAST_LATIN: Final = 0x24F
_PUNCTUATION: Final = range(0x2010, 0x2027)


def draw_receipt(data: Mapping[str, Any], at: datetime) -> bytes:
    """The PDF, dated `at` (aware). A letter that no font of ours has is shown as a question mark."""
    try:
        return _compiled(data, at)
    except typst.TypstError as error:
        if "could not be displayed" not in error.message:
            raise
        return _compiled(_in_latin(data), at)


def _compiled(data: Any, at: datetime) -> bytes:
    return bytes(
        typst.compile(
            str(TEMPLATE),
            format="pdf",
            pdf_standards=["a-2a"],
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            package_path=str(_NOWHERE),
            package_cache_path=str(_NOWHERE),
            sys_inputs={"data": json.dumps(data)},
            timestamp=int(at.timestamp()),
        )
    )


def _in_latin(value: Any) -> Any:
    if isinstance(value, str):
        return "".join(each if ord(each) <= _LAST_LATIN or ord(each) in _PUNCTUATION else "?" for each in value)
    if isinstance(value, Mapping):
        return {key: _in_latin(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_in_latin(each) for each in value]
    return value
