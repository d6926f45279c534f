"""Streams of rows as programs write them: deflated, each row perhaps as its difference to what stands around it.

ISO 32000-2, 7.4.4.4; the filters are those of PNG (W3C, third edition, clause 9). pyHanko takes rows without a
difference for zeros and knows only two of the five filters, so that it would find other objects than other readers.
"""

from itertools import accumulate
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.misc import PdfReadError

_UP: Final = b"\2"
_OCTET: Final = 0xFF
_PNG: Final = range(10, 16)


def content_of(stream: generic.StreamObject, purpose: DecodePurpose, expected_size: int | None = None) -> bytes:
    """The decoded octets of a cross-reference or object stream, within pyHanko's limits.

    Raises `PdfReadError` for rows that are not whole or hold a filter that there is not, and for predictors in a
    longer chain of filters; whatever else is wrong makes pyHanko raise.
    """
    filters, parameters = _listed(stream, "/Filter"), _listed(stream, "/DecodeParms")
    if not any(_entry(each, "/Predictor", 1) in _PNG for each in parameters):
        return bytes(stream.read_data(purpose, expected_size=expected_size))
    if filters != ["/FlateDecode"] or len(parameters) != 1:
        raise PdfReadError("a predictor in a chain of filters")
    if _entry(parameters[0], "/Colors", 1) != 1 or _entry(parameters[0], "/BitsPerComponent", 8) != 8:
        raise PdfReadError("rows of something else than octets")
    deflated = generic.StreamObject({pdf_name("/Filter"): pdf_name("/FlateDecode")}, encoded_data=stream.encoded_data)
    deflated.container_ref = stream.container_ref
    return without_differences(
        deflated.read_data(purpose, expected_size=expected_size), int(_entry(parameters[0], "/Columns", 1))
    )


def without_differences(filtered: bytes, columns: int) -> bytes:
    """The octets of all rows. Each row of `filtered` begins with the number of its filter."""
    if columns < 1 or len(filtered) % (columns + 1):
        raise PdfReadError("the rows of a stream are not whole")
    if filtered[:: columns + 1].strip(_UP):
        return _row_by_row(filtered, columns)
    content = bytearray(len(filtered) // (columns + 1) * columns)
    for column in range(columns):  # nearly every program writes all rows as differences to the row above
        differences = filtered[column + 1 :: columns + 1]
        content[column::columns] = bytes(map(_OCTET.__and__, accumulate(differences)))
    return bytes(content)


def _row_by_row(filtered: bytes, columns: int) -> bytes:
    content, above = bytearray(), bytes(columns)
    for start in range(0, len(filtered), columns + 1):
        row = bytearray(filtered[start + 1 : start + 1 + columns])
        kind = filtered[start]
        if kind > 4:
            raise PdfReadError(f"there is no filter {kind} for rows")
        for at in range(columns) if kind else ():
            left, corner = (row[at - 1], above[at - 1]) if at else (0, 0)
            predicted = (0, left, above[at], (left + above[at]) // 2, _paeth(left, above[at], corner))[kind]
            row[at] = row[at] + predicted & _OCTET
        content += row
        above = bytes(row)
    return bytes(content)


def _paeth(left: int, above: int, corner: int) -> int:
    """PNG, 9.4: of the three the one nearest to left + above - corner, in this order."""
    estimate = left + above - corner
    return min((left, above, corner), key=lambda each: abs(estimate - each))


def _listed(stream: generic.StreamObject, key: str) -> list[Any]:
    value = stream.get(key, None)
    if value is None or isinstance(value, generic.NullObject):
        return []
    return list(value) if isinstance(value, list) else [value]


def _entry(parameters: Any, key: str, otherwise: int) -> Any:
    found = parameters.get_object() if isinstance(parameters, generic.IndirectObject) else parameters
    return found.get(key, otherwise) if isinstance(found, dict) else otherwise
