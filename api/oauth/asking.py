"""What `/oauth2/authorize` is asked, read and judged in both versions' names. It knows no person and no credential.

Whether a credential exists, and whose it is, is looked at after a login alone, so nothing here can tell.
(RFC 6749, 4.1.1; RFC 7636; CSC API 1.0.4.0, 8.3.2; 2.0.0.2, 8.4.2; RFC 9396.)
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn, Protocol

from api.oauth.details import CredentialDetails, read_details
from api.oauth.digests import ALGORITHM_OF_LENGTH, ALGORITHM_OF_OID, LENGTHS, read_digest
from api.oauth.refusals import NoRedirect, OAuthRefused
from signer.authorisation import AuthorisedDigest

SERVICE: Final = "service"
CREDENTIAL: Final = "credential"
SCOPES: Final = (SERVICE, CREDENTIAL)
LONGEST_URL: Final = 8 * 1024
"""Octets of a query; more goes through a pushed request."""
LONGEST_DESCRIPTION: Final = 500
LONGEST_CLIENT_DATA: Final = 1024
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_COUNT: Final = re.compile(r"-?[0-9]{1,9}")
_OF_DIGESTS: Final = ("hash", "hashes", "hashAlgorithmOID", "authorization_details")
_UNREADABLE: Final = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_BLANKS: Final = str.maketrans(dict.fromkeys("\t\r\n", " "))  # JSON may be written over several lines


class AskingClient(Protocol):
    """A registered application, as far as its requests are judged by it."""

    @property
    def id(self) -> str: ...

    @property
    def scopes(self) -> frozenset[str]: ...

    @property
    def redirect_uris(self) -> tuple[str, ...]: ...

    @property
    def grants(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRules:
    """What the house allows. `most`: digests of one approval; `qualifiers`: what its credentials are said to be."""

    most: int = 100
    qualifiers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialAsk:
    """What shall be signed, with which credential."""

    credential_id: str | None
    """`None`: one of the person's that has the `qualifier`."""
    qualifier: str | None
    digests: tuple[AuthorisedDigest, ...]
    named: str
    """The parameter that carried the digests."""
    description: str | None
    details: CredentialDetails | None

    @property
    def token_type(self) -> str:
        """`SAD` where the old name asked, for the clients of version 1; else `Bearer`."""
        return "SAD" if self.named == "hash" else "Bearer"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizeRequest:
    """A request that can be put before a person."""

    client_id: str
    redirect_uri: str
    redirect_named: bool
    """Whether the request named it: then the token endpoint has to be told the same."""
    state: str | None
    challenge: str
    fresh_login: bool
    credential: CredentialAsk | None
    """`None`: scope `service`."""

    @property
    def scope(self) -> str:
        """`service` or `credential`."""
        return SERVICE if self.credential is None else CREDENTIAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where an answer may go: of a client that is known, to an address that it registered."""

    client_id: str
    redirect_uri: str
    redirect_named: bool
    state: str | None


def once(pairs: Sequence[tuple[str, str]]) -> tuple[dict[str, str], frozenset[str]]:
    """Parameters by name without the empty ones, and the names that came twice (RFC 6749, 3.1)."""
    found: dict[str, str] = {}
    doubled = set()
    for name, value in pairs:
        if value == "":
            continue
        if name in found:
            doubled.add(name)
        found[name] = value
    return found, frozenset(doubled)


def read_destination(asked: Mapping[str, str], doubled: frozenset[str], client: AskingClient | None) -> Destination:
    """Where errors go from here on. Raises `NoRedirect`: `client`, or `redirect` for an address that is not exactly one
    of the registered ones."""
    if client is None or "client_id" in doubled:
        raise NoRedirect("client")
    given = asked.get("redirect_uri")
    if given is None and len(client.redirect_uris) == 1:
        address = client.redirect_uris[0]
    elif given is not None and given in client.redirect_uris and "redirect_uri" not in doubled:
        address = given
    else:
        raise NoRedirect("redirect")
    state = asked.get("state")
    tellable = state is not None and "state" not in doubled and not _UNREADABLE.search(state)
    return Destination(
        client_id=client.id,
        redirect_uri=address,
        redirect_named=given is not None,
        state=state if tellable else None,
    )


def read_request(
    asked: Mapping[str, str], doubled: frozenset[str], client: AskingClient, to: Destination, rules: AskRules
) -> AuthorizeRequest:
    """The request; raises `OAuthRefused` with what is wrong with it.

    1. Nothing came twice, and nothing is unreadable.
    2. A code is asked for, by a client that may have one, with PKCE.
    3. One scope, which the client may ask for.
    4. Of scope `credential`: which credential, and exactly which digests.
    """
    if doubled:
        _refuse(f"Repeated parameter {min(doubled)}")
    for name, value in asked.items():
        text = value.translate(_BLANKS) if name == "authorization_details" else value
        if _UNREADABLE.search(text):
            _refuse(f"Invalid parameter {name}" if name.isidentifier() and name.isascii() else "Invalid parameter")
    _require_code(asked, client)
    scope = _scope(asked, client)
    if len(asked.get("clientData", "")) > LONGEST_CLIENT_DATA:
        _refuse("Invalid parameter clientData")
    return AuthorizeRequest(
        client_id=client.id,
        redirect_uri=to.redirect_uri,
        redirect_named=to.redirect_named,
        state=to.state,
        challenge=asked["code_challenge"],
        fresh_login="login" in asked.get("prompt", "").split(),
        credential=_credential(asked, rules) if scope == CREDENTIAL else None,
    )


def _require_code(asked: Mapping[str, str], client: AskingClient) -> None:
    """Step 2."""
    kind = asked.get("response_type")
    if kind is None:
        _refuse("Missing (or invalid type) string parameter response_type")
    if kind != "code":
        raise OAuthRefused("unsupported_response_type", "Only response_type code is offered")
    if "authorization_code" not in client.grants:
        raise OAuthRefused("unauthorized_client", "The client may not use the authorization code grant")
    if not _CHALLENGE.fullmatch(asked.get("code_challenge", "")):
        _refuse("Missing (or invalid type) string parameter code_challenge")
    if asked.get("code_challenge_method") != "S256":
        _refuse("Invalid parameter code_challenge_method: only S256 is offered")


def _scope(asked: Mapping[str, str], client: AskingClient) -> str:
    """Step 3. Details alone say that it is about a credential."""
    scopes = frozenset(asked.get("scope", CREDENTIAL if "authorization_details" in asked else SERVICE).split())
    if len(scopes) != 1 or not scopes <= set(SCOPES):
        raise OAuthRefused("invalid_scope", "Ask for scope service or credential, one at a time")
    (scope,) = scopes
    if scope not in client.scopes:
        raise OAuthRefused("unauthorized_client", f"The client may not ask for scope {scope}")
    unfit = next((name for name in _OF_DIGESTS if name in asked), None)
    if scope == SERVICE and unfit is not None:
        _refuse(f"Invalid parameter {unfit}: scope service signs nothing")
    return scope


def _credential(asked: Mapping[str, str], rules: AskRules) -> CredentialAsk:
    """Step 4: the digests first, then what else has to agree with them."""
    description = asked.get("description")
    if description is not None and len(description) > LONGEST_DESCRIPTION:
        _refuse("Invalid parameter description")
    details = read_details(asked["authorization_details"]) if "authorization_details" in asked else None
    outside = _digests(asked)
    if details is None and outside is None:
        _refuse("Missing (or invalid type) string parameter hashes")
    if details is not None and outside is not None:
        _require_same(details, outside[0], asked.get("hashAlgorithmOID"))
    digests = details.digests if details is not None else outside[0] if outside is not None else ()
    _require_count(asked, details, digests, rules.most)
    credential_id, qualifier = _which(asked, details, rules)
    named = "authorization_details" if details is not None else outside[1] if outside is not None else ""
    return CredentialAsk(
        credential_id=credential_id,
        qualifier=qualifier,
        digests=digests,
        named=named,
        description=description,
        details=details,
    )


def _digests(asked: Mapping[str, str]) -> tuple[tuple[AuthorisedDigest, ...], str] | None:
    """Those of `hash` (version 1: the length says which algorithm) or `hashes` (version 2), and the name."""
    if "hash" in asked and "hashes" in asked:
        _refuse("Invalid parameter hash: it came together with hashes")
    name = "hash" if "hash" in asked else "hashes"
    if name not in asked:
        return None
    read = [read_digest(each) for each in asked[name].split(",")]
    octets = [each for each in read if each is not None]
    if len(octets) != len(read):
        _refuse("Invalid Base64 hash string parameter")
    if name == "hash":
        fitting = ALGORITHM_OF_LENGTH.get(len(octets[0]))
    else:
        if "hashAlgorithmOID" not in asked:
            _refuse("Missing (or invalid type) string parameter hashAlgorithmOID")
        fitting = ALGORITHM_OF_OID.get(asked["hashAlgorithmOID"])
        if fitting is None:
            _refuse("Invalid parameter hashAlgorithmOID")
    if fitting is None or any(len(each) != LENGTHS[fitting] for each in octets):
        _refuse("Invalid digest value length")
    return tuple(AuthorisedDigest(value=each.hex()) for each in octets), name


def _require_same(details: CredentialDetails, outside: Sequence[AuthorisedDigest], oid: str | None) -> None:
    same = {each.value for each in details.digests} == {each.value for each in outside}
    if not same or ALGORITHM_OF_OID.get(oid or "", details.algorithm) != details.algorithm:
        _contradiction()


def _require_count(
    asked: Mapping[str, str], details: CredentialDetails | None, digests: Sequence[AuthorisedDigest], most: int
) -> None:
    """As many as there are different digests: more, fewer or doubled ones are refused."""
    count = _number(asked)
    if details is not None:
        inside = details.count if details.count is not None else len(digests)
        if count is not None and count != inside:
            _contradiction()
        count = inside
    if count is None:
        _refuse("Missing (or invalid type) integer parameter numSignatures")
    if count < 1:
        _refuse("Invalid value for parameter numSignatures")
    if count > most:
        _refuse("Numbers of signatures is too high")
    if count != len(digests) or count != len({each.value for each in digests}):
        _refuse("numSignatures does not match the number of hashes")


def _number(asked: Mapping[str, str]) -> int | None:
    given = asked.get("numSignatures")
    if given is None:
        return None
    if not _COUNT.fullmatch(given):
        _refuse("Missing (or invalid type) integer parameter numSignatures")
    return int(given)


def _which(
    asked: Mapping[str, str], details: CredentialDetails | None, rules: AskRules
) -> tuple[str | None, str | None]:
    """The credential by its id, or what it has to be."""
    credential_id, qualifier = asked.get("credentialID"), asked.get("signatureQualifier")
    if details is not None:
        if credential_id not in (None, details.credential_id) or qualifier not in (None, details.qualifier):
            _contradiction()
        credential_id, qualifier = details.credential_id, details.qualifier
    if credential_id is not None:
        return credential_id, None
    if qualifier is None:
        _refuse("Missing (or invalid type) string parameter credentialID")
    if qualifier not in rules.qualifiers:
        _refuse("Invalid parameter signatureQualifier")
    return None, qualifier


def _contradiction() -> NoReturn:
    raise OAuthRefused("invalid_authorization_details", "authorization_details and the other parameters differ")


def _refuse(description: str) -> NoReturn:
    raise OAuthRefused("invalid_request", description)
