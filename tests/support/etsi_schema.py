"""The schema of ETSI TS 119 102-2 V1.4.1 and what it imports, read from the judges' jars; nothing is downloaded.

Fetched by hand, once:  mvn -q -f tests/conformance/java/pom.xml dependency:copy-dependencies
"""

import zipfile
from pathlib import Path
from typing import Any, Final

import pytest
from lxml import etree

_JARS: Final = Path(__file__).resolve().parents[1] / "conformance" / "java" / "jars"
_SCHEMA: Final = "xsd/TS119102-2-v141.xsd"
_IMPORTED: Final = {
    "xmldsig-core-schema.xsd": ("specs-xmldsig", "xsd/xmldsig-core-schema.xsd"),
    "xml.xsd": ("specs-xmldsig", "xsd/xml.xsd"),
    "XAdES.xsd": ("specs-xades", "xsd/XAdES.xsd"),
    "ts_119612v020201_201601xsd.xsd": ("specs-trusted-list", "xsd/ts_119612v020301_xsd.xsd"),
}
"""By the last part of the address that an import names."""


class _FromJars(etree.Resolver):
    def resolve(self, system_url: str, public_id: str, context: Any) -> Any:
        name = system_url.rsplit("/", 1)[-1]
        if name in _IMPORTED:
            return self.resolve_string(_read(*_IMPORTED[name]), context)
        return self.resolve_string(b"", context)  # the DTD of xmldsig-core-schema.xsd says nothing that is needed


def etsi_schema() -> etree.XMLSchema:
    """The schema, compiled; skips the test where the jars were not fetched."""
    if not list(_JARS.glob("specs-validation-report-*.jar")):
        pytest.skip("ETSI's schema is absent: mvn -q -f tests/conformance/java/pom.xml dependency:copy-dependencies")
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_FromJars())
    return etree.XMLSchema(etree.fromstring(_read("specs-validation-report", _SCHEMA), parser))


def _read(artifact: str, name: str) -> bytes:
    (jar,) = _JARS.glob(f"{artifact}-*.jar")
    with zipfile.ZipFile(jar) as archive:
        return archive.read(name)
