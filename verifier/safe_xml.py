"""XML of strangers, read by the standard library without anything that XML can do besides holding elements.

No document type, so no entities and nothing external; UTF-8 alone, so that this can be seen before it is parsed; limits
on depth and elements while it is read (OWASP, XML External Entity Prevention).
"""

from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element, TreeBuilder, XMLParser

MAX_DEPTH: Final = 64
MAX_ELEMENTS: Final = 2_000_000


class _Bounded(TreeBuilder):
    """Counts while it builds."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = self._elements = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise ValueError("too many elements, or too deeply nested")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def read_xml(content: bytes) -> Element:
    """The root element. Raises `ValueError` and `xml.etree.ElementTree.ParseError`."""
    text = content.decode("utf-8-sig")  # UnicodeDecodeError is a ValueError
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("a document type is not allowed")
    parser = XMLParser(target=_Bounded())  # noqa: S314  # without a document type there is nothing to expand
    for part in _parts(text):
        parser.feed(part)
    root = parser.close()
    if not isinstance(root, Element):
        raise ValueError("there is no element")
    return root


def _parts(text: str, size: int = 1 << 16) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]
