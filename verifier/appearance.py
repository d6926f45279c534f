"""Does the appearance of a filled-in field show its value, and nothing else? (ISO 32000-2, 12.7.4.3)

A shadow attack lets a field say one thing to programs and show another one to people. So what is drawn is read: text
operators, a background and a border, in a font that was there before or that every reader has. What cannot be read this
way (composite fonts, pictures, drawings) shows something else.
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from verifier.revision_step import Step, items
from verifier.values import Ref, Stream, entries, text

MAX_BYTES: Final = 1 << 20
_REGULAR: Final = rb"[^\x00\t\n\x0c\r ()<>\[\]{}/%]"
_TOKEN: Final = re.compile(
    rb"[\x00\t\n\x0c\r ]++|%[^\r\n]*+|/" + _REGULAR + rb"*+|(?P<string>\((?:[^()\\]++|\\.|\([^()\\]*+\))*+\))"
    rb"|(?P<hex><[0-9A-Fa-f\s]*+>)|<<|>>|[\[\]]|(?P<number>[+\-.0-9]++(?![A-Za-z]))|(?P<word>"
    + _REGULAR
    + rb"++)|(?P<stray>.)",
    re.DOTALL,
)
_ESCAPE: Final = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_ESCAPES: Final = {
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"b": b"\b",
    b"f": b"\f",
    b"\n": b"",
    b"\r": b"",
    b"\r\n": b"",
}
_OPERATORS: Final = frozenset(
    b"q Q BT ET Tf Tj TJ ' \" Td TD Tm T* Tc Tw Tz TL Ts g rg k G RG K re W W* n f F f* S s m l h w d J j M cm"
    b" BMC BDC EMC MP".split()
)
_MOVES: Final = frozenset({b"Td", b"TD", b"Tm", b"cm"})
_MOST: Final = {b"re": 3, b"m": 2, b"l": 8}
"""A background, a clip and a border; with more of them digits can be drawn."""
_KEYS: Final = frozenset(
    {"/Type", "/Subtype", "/FormType", "/BBox", "/Matrix", "/Resources", "/Length", "/Filter", "/LastModified"}
)
_ENCODINGS: Final = ("/WinAnsiEncoding", "/MacRomanEncoding", "/PDFDocEncoding", "/StandardEncoding", None)


def shows_only(step: Step, appearance: Any, value: Any) -> bool:
    """Whether the normal appearance is the text of `value`, white space apart."""
    states = entries(step.new.resolve(appearance))
    stream = step.new.resolve(states.get("/N"))
    if not isinstance(stream, Stream) or states.keys() != {"/N"} or stream.dictionary.keys() - _KEYS:
        return False
    content = _decoded(stream)
    resources = entries(step.new.resolve(stream.dictionary.get("/Resources")))
    if content is None or not _harmless(step, resources):
        return False
    drawn = _text(content)
    wanted = "".join(text(step.new.resolve(each)) for each in items(value))
    return drawn is not None and "".join(drawn.split()) == "".join(wanted.split())


def _harmless(step: Step, resources: dict[str, Any]) -> bool:
    """No picture, no pattern, no transparency; fonts as above."""
    if resources.keys() - {"/Font", "/ProcSet", "/Encoding"}:
        return False
    return all(_usable(step, font) for font in entries(step.new.resolve(resources.get("/Font"))).values())


def _usable(step: Step, font: Any) -> bool:
    if isinstance(font, Ref) and font.number not in step.added:
        return True
    new = entries(step.new.resolve(font))
    encoding = step.new.resolve(new.get("/Encoding"))
    differences = entries(encoding).get("/Differences")
    return (
        new.get("/Subtype") in ("/Type1", "/TrueType")
        and "/FontDescriptor" not in new
        and differences is None
        and (isinstance(encoding, dict) or encoding in _ENCODINGS)
    )


def _decoded(stream: Stream) -> bytes | None:
    kind = stream.dictionary.get("/Filter")
    if kind in (None, []):
        return stream.data if len(stream.data) <= MAX_BYTES else None
    if kind not in ("/FlateDecode", ["/FlateDecode"]) or "/DecodeParms" in stream.dictionary:
        return None
    try:
        decoder = zlib.decompressobj()
        content = decoder.decompress(stream.data, MAX_BYTES)
    except zlib.error:
        return None
    return None if decoder.unconsumed_tail else content


def _text(content: bytes) -> str | None:
    """What the operators show; `None` where they do anything else."""
    shown: list[bytes] = []
    numbers: list[float] = []
    used: Counter[bytes] = Counter()
    for token in _TOKEN.finditer(content):
        operator = token["word"]
        if token["stray"] or (operator and operator not in _OPERATORS):
            return None
        if token["number"]:
            numbers.append(_number(token["number"]))
        if operator:
            used[operator] += 1
            if operator in _MOVES and shown and not _forwards(numbers):
                return None
            numbers.clear()
        shown.extend(_strings(token))
    if any(used[operator] > most for operator, most in _MOST.items()):
        return None
    return b"".join(shown).decode("cp1252", "replace")


def _number(digits: bytes) -> float:
    try:
        return float(digits)
    except ValueError:
        return 0.0


def _forwards(move: list[float]) -> bool:
    """Text goes on to the right or on a lower line: in the order in which it is read."""
    return len(move) == 2 and (move[0] >= 0 or move[1] < 0) and move[1] <= 0


def _strings(token: re.Match[bytes]) -> Iterator[bytes]:
    if token["string"]:
        yield _ESCAPE.sub(_unescaped, token["string"][1:-1])
    elif token["hex"]:
        digits = re.sub(rb"\s", b"", token["hex"][1:-1])
        yield bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))


def _unescaped(match: re.Match[bytes]) -> bytes:
    found = match[1]
    if found[:1].isdigit() and found[:1] not in b"89":
        return bytes([int(found, 8) & 0xFF])
    return _ESCAPES.get(found, found)
