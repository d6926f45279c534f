"""pyHanko as a client of `/csc`, unmodified: a PDF in, signed through somebody else's key, a PDF out."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import aiohttp
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.csc_signer import (
    CSCAuthorizationInfo,
    CSCAuthorizationManager,
    CSCCredentialInfo,
    CSCServiceSessionInfo,
    CSCSigner,
    fetch_certs_in_csc_credential,
)
from pyhanko.sign.signers.functions import async_sign_pdf
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata


class SealAuthorizations(CSCAuthorizationManager):
    """Asks `credentials/authorize` with the bearer that the session has."""

    def __init__(
        self, session: aiohttp.ClientSession, info: CSCServiceSessionInfo, credential: CSCCredentialInfo
    ) -> None:
        super().__init__(csc_session_info=info, credential_info=credential)
        self.session = session
        self.asked: list[int] = []

    async def authorize_signature(self, hash_b64s: list[str]) -> CSCAuthorizationInfo:
        self.asked.append(len(hash_b64s))
        body = self.authorization_body(hash_b64s)
        url = self.csc_session_info.endpoint_url("credentials/authorize")
        async with self.session.post(url, headers=self.csc_session_info.auth_headers, json=body) as answer:
            told = await answer.json()
            assert answer.status == 200, told
            return self.parse_csc_auth_response(told)

    def authorization_body(self, hash_b64s: list[str]) -> dict[str, Any]:
        body: dict[str, Any] = self.format_csc_auth_request(hash_b64s=hash_b64s)
        return body


class PreparedAuthorizations(CSCAuthorizationManager):
    """Somebody approves elsewhere: `approve` gets the digests and gives the SAD."""

    def __init__(self, info: CSCServiceSessionInfo, credential: CSCCredentialInfo, approve: Any) -> None:
        super().__init__(csc_session_info=info, credential_info=credential)
        self.approve = approve

    async def authorize_signature(self, hash_b64s: list[str]) -> CSCAuthorizationInfo:
        return CSCAuthorizationInfo(sad=await asyncio.to_thread(self.approve, hash_b64s))


class NamesOfVersion2(CSCSigner):
    """The two keys that version 2 calls otherwise."""

    async def format_csc_signing_req(self, *given: Any, **named: Any) -> dict[str, Any]:
        body: dict[str, Any] = await super().format_csc_signing_req(*given, **named)
        renamed = {"hash": "hashes", "hashAlgo": "hashAlgorithmOID"}
        return {renamed.get(name, name): value for name, value in body.items()}


class SealAuthorizationsOfVersion2(SealAuthorizations):
    """The body of `credentials/authorize` in the words of version 2."""

    def authorization_body(self, hash_b64s: list[str]) -> dict[str, Any]:
        return {
            "credentialID": self.csc_session_info.credential_id,
            "numSignatures": len(hash_b64s),
            "hashes": hash_b64s,
            "hashAlgorithmOID": "2.16.840.1.101.3.4.2.1",
            "authData": [],
        }


@dataclass(kw_only=True)
class PyHankoClient:
    """One signing application."""

    url: str
    credential_id: str
    token: str
    version: str = "v1"
    batch_size: int = 1
    signer: type[CSCSigner] = CSCSigner
    seals: type[SealAuthorizations] = SealAuthorizations
    approve: Any = None
    """For a person's credential: digests (standard Base64) in, SAD out."""
    asked: list[int] = field(default_factory=list)
    """How many digests each authorisation was asked for with."""

    def sign(self, *documents: bytes) -> list[bytes]:
        """All of them together, as pyHanko wants it for batches."""
        return asyncio.run(self._sign(documents))

    async def _sign(self, documents: Sequence[bytes]) -> list[bytes]:
        info = CSCServiceSessionInfo(self.url, self.credential_id, oauth_token=self.token, api_ver=self.version)
        async with aiohttp.ClientSession() as session:
            credential = await fetch_certs_in_csc_credential(session, info)
            manager: CSCAuthorizationManager
            if self.approve is None:
                manager = seals = self.seals(session, info, credential)
                self.asked = seals.asked
            else:
                manager = PreparedAuthorizations(info, credential, self.approve)
            signer = self.signer(session, manager, batch_size=self.batch_size)
            return list(await asyncio.gather(*(self._one(each, signer) for each in documents)))

    async def _one(self, document: bytes, signer: CSCSigner) -> bytes:
        meta = PdfSignatureMetadata(field_name="Segel", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
        output = await async_sign_pdf(IncrementalPdfFileWriter(BytesIO(document)), meta, signer)
        return bytes(output.getbuffer())
