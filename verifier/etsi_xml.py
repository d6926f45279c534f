"""Elements of ETSI TS 119 102-2 written with the standard library: what XML cannot hold never reaches it."""

import base64
import re
from datetime import UTC, datetime
from typing import Final
from xml.etree import ElementTree as ET

VR: Final = "http://uri.etsi.org/19102/v1.4.1#"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
XADES: Final = "http://uri.etsi.org/01903/v1.3.2#"

_PREFIXES: Final = {"vr": VR, "ds": DS, "xades": XADES}
for _prefix, _space in _PREFIXES.items():
    ET.register_namespace(_prefix, _space)

DIGESTS: Final = {
    "sha1": "http://www.w3.org/2000/09/xmldsig#sha1",
    "sha224": "http://www.w3.org/2001/04/xmldsig-more#sha224",
    "sha256": "http://www.w3.org/2001/04/xmlenc#sha256",
    "sha384": "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "sha512": "http://www.w3.org/2001/04/xmlenc#sha512",
    "sha3_256": "http://www.w3.org/2007/05/xmldsig-more#sha3-256",
    "sha3_384": "http://www.w3.org/2007/05/xmldsig-more#sha3-384",
    "sha3_512": "http://www.w3.org/2007/05/xmldsig-more#sha3-512",
    "md5": "http://www.w3.org/2001/04/xmldsig-more#md5",
    "ripemd160": "http://www.w3.org/2001/04/xmlenc#ripemd160",
}
"""Algorithm identifiers of RFC 9231."""

_NO_CHARACTER: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What is no character of XML 1.0 (2.2); a stranger's field name may hold anything."""


def root(name: str) -> ET.Element:
    """An element that stands at the top."""
    return ET.Element(f"{{{VR}}}{name}")


def child(parent: ET.Element, name: str, /, *, space: str = VR, **attributes: str) -> ET.Element:
    """A new last child."""
    return ET.SubElement(parent, f"{{{space}}}{name}", attributes)


def text(parent: ET.Element, name: str, value: str, space: str = VR) -> None:
    """A child that holds `value`; what XML cannot hold becomes U+FFFD."""
    child(parent, name, space=space).text = _NO_CHARACTER.sub("\ufffd", value)


def binary(parent: ET.Element, name: str, value: bytes, *, space: str = VR) -> None:
    """A child that holds `value` in base64."""
    child(parent, name, space=space).text = base64.b64encode(value).decode("ascii")


def digest_of(parent: ET.Element, algorithm: str, value: bytes) -> None:
    """`DigestAlgAndValue`; `algorithm` is one of `DIGESTS`."""
    digest_parts(child(parent, "DigestAlgAndValue"), algorithm, value)


def digest_parts(parent: ET.Element, algorithm: str, value: bytes) -> None:
    """What XAdES' DigestAlgAndValueType holds."""
    child(parent, "DigestMethod", space=DS, Algorithm=DIGESTS[algorithm])
    binary(parent, "DigestValue", value, space=DS)


def reference(parent: ET.Element, name: str, to: str) -> None:
    """A child that refers to a validation object by its id."""
    child(parent, name, VOReference=to)


def moment(at: datetime) -> str:
    """An xs:dateTime in UTC; `at` is aware."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def as_bytes(element: ET.Element) -> bytes:
    """The document, indented."""
    ET.indent(element)
    written: bytes = ET.tostring(element, encoding="UTF-8", xml_declaration=True)
    return written
