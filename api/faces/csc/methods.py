"""Every method of both versions: its fields, who may call it, and when it is offered. One table for router, `info`,
OpenAPI and tests; a method that is not offered answers 501 (1.0.4.0, 10.1)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from api.csc.ports import CscServices
from api.faces.csc import authorizing, credentials, documents, info, login, signing, stamping, tokens
from api.faces.csc.asked import Asked
from api.faces.csc.fields import Face, Field, Kind

SERVICE: Final = "service"
CREDENTIAL: Final = "credential"

BOTH: Final = (Face.V1, Face.V2)
_V2: Final = (Face.V2,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method."""

    name: str
    faces: tuple[Face, ...]
    """The versions that know it; the other one answers 501 as well."""
    about: str
    act: Callable[[Asked], dict[str, Any] | None] | None = None
    """`None` for what is never offered."""
    fields_v1: tuple[Field, ...] = ()
    fields_v2: tuple[Field, ...] = ()
    bearers: tuple[str, ...] = (SERVICE,)
    """Scopes of tokens that it takes; none: it needs no token."""
    offered: Callable[[CscServices], bool] = lambda _: True
    signs: bool = False
    """Whether it counts against how often a client may sign."""
    documents: bool = False
    """Whether whole documents come in."""

    def fields(self, face: Face) -> tuple[Field, ...]:
        """The fields of its request."""
        return self.fields_v1 if face is Face.V1 else self.fields_v2

    def is_offered(self, face: Face, services: CscServices) -> bool:
        """Whether it does anything at this moment."""
        return self.act is not None and face in self.faces and self.offered(services)


_CREDENTIAL_ID: Final = Field(name="credentialID", required=True)
_LANG: Final = Field(name="lang")
_CLIENT_DATA: Final = Field(name="clientData", longest=1024)
_CLIENT_DATA_2: Final = Field(name="clientData", longest=1024, also="client_data")
_DESCRIPTION: Final = Field(name="description", longest=500)
_SAD: Final = Field(name="SAD")
_HASH_OID: Final = Field(name="hashAlgorithmOID")
_ASYNC: Final = (
    Field(name="operationMode"),
    Field(name="validity_period", kind=Kind.INTEGER),
    Field(name="response_uri"),
)
_DETAILS: Final = (
    Field(name="certificates"),
    Field(name="certInfo", kind=Kind.BOOLEAN),
    Field(name="authInfo", kind=Kind.BOOLEAN),
)
_DETAILS_2: Final = (*_DETAILS[:2], Field(name="authInfo", kind=Kind.BOOLEAN, also="auth_info"))
_LOGIN: Final = (
    Field(name="rememberMe", kind=Kind.BOOLEAN, also="remeberMe"),  # so a published client writes it
    Field(name="refresh_token"),
)
_PARAMETERS_2: Final = Field(name="signAlgoParams", also="sign_algo_params")


def _announced(asked: Asked) -> dict[str, Any]:
    return info.info(asked, announced(asked.face, asked.services))


METHODS: Final = (
    Method(
        name="info",
        faces=BOTH,
        about="What the service is and does",
        act=_announced,
        fields_v1=(_LANG,),
        fields_v2=(_LANG,),
        bearers=(),
    ),
    Method(
        name="auth/login",
        faces=BOTH,
        about="A token for an account of an integration, by HTTP Basic",
        act=login.login,
        fields_v1=(*_LOGIN, _CLIENT_DATA),
        fields_v2=(*_LOGIN, _CLIENT_DATA_2),
        bearers=(),
        offered=lambda services: services.logins is not None,
    ),
    Method(
        name="auth/revoke",
        faces=BOTH,
        about="End a token of the same client",
        act=tokens.revoke,
        fields_v1=(Field(name="token", required=True), Field(name="token_type_hint"), _CLIENT_DATA),
        fields_v2=(Field(name="token", required=True), Field(name="token_type_hint"), _CLIENT_DATA_2),
        bearers=(SERVICE, CREDENTIAL),
    ),
    Method(
        name="credentials/list",
        faces=BOTH,
        about="The credentials that the caller may use",
        act=credentials.list_credentials,
        fields_v1=(
            Field(name="userID"),
            Field(name="maxResults", kind=Kind.ANY),
            Field(name="pageToken"),
            _CLIENT_DATA,
        ),
        fields_v2=(
            Field(name="userID", also="user_id"),
            Field(name="credentialInfo", kind=Kind.BOOLEAN),
            *_DETAILS_2,
            Field(name="onlyValid", kind=Kind.BOOLEAN, also="only_valid"),
            _LANG,
            _CLIENT_DATA_2,
        ),
    ),
    Method(
        name="credentials/info",
        faces=BOTH,
        about="One credential: key, certificate, and how it is authorised",
        act=credentials.credential_info,
        fields_v1=(_CREDENTIAL_ID, *_DETAILS, _LANG, _CLIENT_DATA),
        fields_v2=(_CREDENTIAL_ID, *_DETAILS_2, _LANG, _CLIENT_DATA_2),
        bearers=(SERVICE, CREDENTIAL),
    ),
    Method(
        name="credentials/authorize",
        faces=BOTH,
        about="Signature activation data of a seal that is lent to the client",
        act=authorizing.authorize,
        fields_v1=(
            _CREDENTIAL_ID,
            Field(name="numSignatures", kind=Kind.INTEGER, required=True),
            Field(name="hash", kind=Kind.STRINGS),
            Field(name="PIN"),
            Field(name="OTP"),
            _DESCRIPTION,
            _CLIENT_DATA,
        ),
        fields_v2=(
            _CREDENTIAL_ID,
            Field(name="numSignatures", kind=Kind.INTEGER, required=True),
            Field(name="hashes", kind=Kind.STRINGS),
            _HASH_OID,
            Field(name="authData", kind=Kind.OBJECTS),
            _DESCRIPTION,
            _CLIENT_DATA_2,
        ),
        offered=lambda services: services.has_seals(),
    ),
    Method(
        name="credentials/extendTransaction",
        faces=BOTH,
        about="Further activation data for the same authorisation of a seal",
        act=authorizing.extend_transaction,
        fields_v1=(
            _CREDENTIAL_ID,
            Field(name="SAD", required=True),
            Field(name="hash", kind=Kind.STRINGS),
            _CLIENT_DATA,
        ),
        fields_v2=(
            _CREDENTIAL_ID,
            Field(name="SAD", required=True),
            Field(name="hashes", kind=Kind.STRINGS),
            _HASH_OID,
            _CLIENT_DATA_2,
        ),
        offered=lambda services: services.has_seals(),
    ),
    Method(name="credentials/authorizeCheck", faces=_V2, about="Wait for an authorisation"),
    Method(name="credentials/getChallenge", faces=_V2, about="A challenge to be answered"),
    Method(name="credentials/sendOTP", faces=BOTH, about="Send a one-time code"),
    Method(name="credentials/create", faces=_V2, about="Make a credential"),
    Method(name="credentials/delete", faces=_V2, about="Delete a credential"),
    Method(
        name="signatures/signHash",
        faces=BOTH,
        about="Sign digests that were authorised",
        act=signing.sign_hash,
        fields_v1=(
            _CREDENTIAL_ID,
            _SAD,
            Field(name="hash", kind=Kind.STRINGS, required=True),
            Field(name="hashAlgo"),
            Field(name="signAlgo", required=True),
            Field(name="signAlgoParams"),
            _CLIENT_DATA,
        ),
        fields_v2=(
            _CREDENTIAL_ID,
            _SAD,
            Field(name="hashes", kind=Kind.STRINGS, required=True),
            _HASH_OID,
            Field(name="signAlgo", required=True),
            _PARAMETERS_2,
            *_ASYNC,
            _CLIENT_DATA_2,
        ),
        bearers=(SERVICE, CREDENTIAL),
        signs=True,
    ),
    Method(
        name="signatures/signDoc",
        faces=_V2,
        about="Sign documents that were authorised",
        act=documents.sign_doc,
        fields_v2=(
            Field(name="credentialID"),
            Field(name="signatureQualifier"),
            _SAD,
            Field(name="documents", kind=Kind.OBJECTS),
            Field(name="documentDigests", kind=Kind.OBJECTS),
            *_ASYNC,
            Field(name="returnValidationInfo", kind=Kind.BOOLEAN),
            _CLIENT_DATA_2,
        ),
        bearers=(SERVICE, CREDENTIAL),
        signs=True,
        documents=True,
    ),
    Method(name="signatures/signPolling", faces=_V2, about="Ask for the result of an asynchronous signature"),
    Method(
        name="signatures/timestamp",
        faces=BOTH,
        about="A timestamp token over a digest",
        act=stamping.timestamp,
        fields_v1=(
            Field(name="hash", required=True),
            Field(name="hashAlgo", required=True),
            Field(name="nonce"),
            _CLIENT_DATA,
        ),
        fields_v2=(
            Field(name="hash", required=True),
            Field(name="hashAlgo", required=True),
            Field(name="nonce"),
            _CLIENT_DATA_2,
        ),
        offered=lambda services: services.timestamp is not None,
        signs=True,
    ),
)

_OAUTH: Final = ("oauth2/authorize", "oauth2/token", "oauth2/revoke")
_OAUTH_2: Final = (*_OAUTH[:2], "oauth2/pushed_authorize", _OAUTH[2])


def announced(face: Face, services: CscServices) -> tuple[str, ...]:
    """What `info` lists: exactly what does not answer 501."""
    ours = tuple(each.name for each in METHODS if each.is_offered(face, services))
    return (*ours, *(_OAUTH if face is Face.V1 else _OAUTH_2))
