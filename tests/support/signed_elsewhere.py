"""A letter that an application signs by itself, with a signature value that a remote service makes for it."""

import asyncio
import hashlib
import io
from dataclasses import dataclass, field
from typing import IO, Any

from asn1crypto import algos, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import ExternalSigner, PdfSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.support.letters import letter

_RESERVED = 16_384


@dataclass
class Letter:
    """One letter on its way: its digest goes out, a signature value comes back."""

    chain: list[x509.Certificate] = field(default_factory=list)
    _attributes: Any = None
    _prepared: Any = None
    _output: IO[bytes] = field(default_factory=io.BytesIO)

    def prepare(self, chain: list[bytes]) -> bytes:
        """SHA-256 of what the key of the first certificate (DER) has to sign (ETSI EN 319 142-1)."""
        self.chain = [x509.Certificate.load(each) for each in chain]
        return asyncio.run(self._prepare())

    def finish(self, signature: bytes) -> bytes:
        """The letter with that value (ECDSA, DER) in its place."""
        signer = self._signer(signature)
        cms = asyncio.run(signer.async_sign_prescribed_attributes("sha256", self._attributes))
        self._prepared.fill_with_cms(self._output, cms)
        return bytes(self._output.getvalue())  # type: ignore[attr-defined]

    async def _prepare(self) -> bytes:
        writer = IncrementalPdfFileWriter(io.BytesIO(letter()))
        signer = self._signer(bytes(72))
        metadata = PdfSignatureMetadata(field_name="Tanda", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
        made = PdfSigner(metadata, signer).async_digest_doc_for_signing(writer, bytes_reserved=_RESERVED)
        self._prepared, _, output = await made
        self._output = output
        self._attributes = await signer.signed_attrs(self._prepared.document_digest, "sha256", use_pades=True)
        return hashlib.sha256(self._attributes.dump()).digest()

    def _signer(self, signature: bytes) -> ExternalSigner:
        return ExternalSigner(
            signing_cert=self.chain[0],
            cert_registry=SimpleCertificateStore.from_certs(self.chain),
            signature_value=signature,
            signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
        )
