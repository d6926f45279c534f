"""The settings: one frozen tree, which `api/settings_file.py` reads once from one TOML file.

Secrets stand in files of their own and only their paths stand here. Relative paths start at the folder of the
TOML file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote

import msgspec

from ca.model import PkiNames, StatusPeriods
from signer.model import SignatureLevel

MIB: Final = 1024 * 1024

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Url = Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/]+(/[^\s]*[^\s/])?$")]
PlainHttpUrl = Annotated[str, msgspec.Meta(pattern=r"^http://[^\s/]+(/[^\s]*[^\s/])?$")]


class SettingsError(Exception):
    """The settings file cannot be used. `str(error)` names the key and the fix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Where the service listens, and how others see it."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: Port = 8000
    """TCP port to listen on."""
    public_url: Url = "http://127.0.0.1:8000"
    """How browsers reach the service, without a slash at the end; the address in QR codes starts with it."""
    report_url: Annotated[str, msgspec.Meta(pattern="^(https://|mailto:).")] | None = None
    """Where readers complain and get an answer (`https:` or `mailto:`), beside our own form for reports."""
    threads: Annotated[int, msgspec.Meta(ge=2, le=256)] = 32
    """Worker threads for requests; the database pool has the same size. More than may wait for a verification."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses of reverse proxies whose `X-Forwarded-For` is believed."""
    metrics_from: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    """Networks that may read `/metrics`; everybody else gets 404."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmSettings:
    """Which token holds the keys, and what they are called there."""

    module: Path
    """The PKCS#11 library."""
    token_label: str
    """Label of the token."""
    pin_file: Path
    """File with the user PIN and nothing else; readable by the service only."""
    softhsm_conf: Path | None = None
    """`softhsm2.conf`, where the module is SoftHSM."""
    kek: str = "kek-official-1"
    """Label of the AES key that wraps officials' keys."""
    vendor: Literal["softhsm", "luna", "nshield", "utimaco"] = "softhsm"
    """Family of the HSM, which decides the wrap mechanism: `hsm_config/vendors/`. Only SoftHSM was ever run."""
    pepper: str = "pepper-1"
    """Label of the HMAC key that takes part in sealing officials' keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """Where rows and documents are kept."""

    database_url: str
    """SQLAlchemy URL with the driver written out; `{password}` in it is replaced from `database_password_file`."""
    database_password_file: Path | None = None
    """File with the database password and nothing else."""
    vault: str
    """Folder of the signed documents, or `s3://bucket/prefix`."""
    vault_secret_file: Path | None = None
    """File with `access_key_id` and `secret_access_key`, one a line; only for `s3://`."""
    vault_endpoint: Url | None = None
    """Address of the S3-compatible store, where it is not the cloud's own."""
    vault_region: str = "us-east-1"
    """Region of the S3 store; most stores of one's own take any word."""

    def url(self) -> str:
        """The database URL with the password in its place; raises `SettingsError`."""
        if self.database_password_file is None:
            return self.database_url
        password = quote(_secret_in(self.database_password_file, "store.database_password_file"), safe="")
        return self.database_url.replace("{password}", password)

    def vault_options(self) -> dict[str, Any]:
        """What an S3 client needs besides the bucket; empty for a folder. Raises `SettingsError`."""
        if not self.vault.startswith("s3://"):
            return {}
        options: dict[str, Any] = {"region": self.vault_region}
        if self.vault_endpoint is not None:
            plain = self.vault_endpoint.startswith("http:")
            options |= {"endpoint": self.vault_endpoint, "client_options": {"allow_http": plain}}
        if self.vault_secret_file is not None:
            key_id, _, key = _secret_in(self.vault_secret_file, "store.vault_secret_file").partition("\n")
            options |= {"access_key_id": key_id.strip(), "secret_access_key": key.strip()}
        return options


@dataclass(frozen=True, slots=True, kw_only=True)
class PkiSettings:
    """How the hierarchy is called and where its publications are found."""

    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")] = "ID"
    """Country of the CA operator."""
    organisation: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    """Official name of the CA operator."""
    organisation_identifier: Annotated[str, msgspec.Meta(min_length=1)]
    """`VATID-<NPWP>` or `NTRID-…` (EN 319 412-1, clause 5.1.4)."""
    pen: Positive
    """IANA private enterprise number; 32473 only in a demonstration."""
    base_url: PlainHttpUrl
    """Plain http, no slash at the end: CRL, OCSP and AIA addresses in certificates start with it."""
    cps_uri: Url
    """Where the certification practice statement is published."""
    name_authority_uri: Url
    """The registration authority of the personal identifiers in certificates."""
    certificates: Path
    """Folder with the certificates of the ceremony, one `<id>.cer` (DER) each."""
    allow_hold: bool = False
    """Whether certificates may be put on hold (certificateHold): a signature made during a hold stays ambiguous for
    good, because an older status inside the document says revoked and a newer one says good. Suspending the credential
    stops an official as fast and has no such price."""
    anchors: Path | None = None
    """Folder with the trust anchors of others: a certificate and a TOML file of the same name for each."""

    @property
    def names(self) -> PkiNames:
        """The same in the words of the CA."""
        return PkiNames(
            country=self.country,
            organisation=self.organisation,
            organisation_identifier=self.organisation_identifier,
            pen=self.pen,
            base_url=self.base_url,
            cps_uri=self.cps_uri,
            name_authority_uri=self.name_authority_uri,
        )


class ClockChoice(Enum):
    """Who vouches for the clock before a timestamp is made."""

    CHRONY = "chrony"
    """The chrony of this machine (`chronyc -c tracking`)."""
    SERVERS = "sntp"
    """The servers of `tsa.ntp_servers`."""
    TRUSTED_LOCAL = "trusted-local"
    """Nobody: this machine is believed. In a demonstration only, and it warns."""


class OwnUnitPlace(Enum):
    """Where our own time-stamping unit stands among the authorities that signatures are stamped by."""

    FIRST = "first"
    LAST = "last"
    UNUSED = "unused"
    """Only outside ones stamp signatures; ours stamps checkpoints of the trail and whoever asks at its door."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideTsaSettings:
    """One time-stamping authority of somebody else (`[[tsa.outside]]`)."""

    name: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9-]{0,31}$")]
    """A word for logs and metrics, other than `own`."""
    url: Url
    """Where it answers RFC 3161 over HTTP."""
    anchors: tuple[str, ...] = ()
    """Names of anchors in `pki.anchors` that its unit has to chain to; none: any that is there for timestamps."""
    policies: tuple[str, ...] = ()
    """Policies (OIDs) of which a token has to name one; none: any."""
    connect_seconds: Annotated[float, msgspec.Meta(gt=0, le=30)] = 1.0
    """Time for the connection."""
    seconds: Annotated[float, msgspec.Meta(gt=0, le=60)] = 1.5
    """Time for the whole answer. Short, because whoever waits for a signature gives up after seven seconds."""
    user: Annotated[str, msgspec.Meta(pattern="^[!-9;-~]+$")] | None = None
    """Account there, where it wants one (HTTP Basic)."""
    password_file: Path | None = None
    """File with its password and nothing else."""
    token_file: Path | None = None
    """File with a bearer token and nothing else, instead of an account."""
    ca_file: Path | None = None
    """Certificates (PEM) that its TLS certificate may chain to, where the usual ones do not know it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TsaSettings:
    """When timestamps may be made, and by whom."""

    clock: ClockChoice = ClockChoice.CHRONY
    """`chrony`, `sntp`, or in a demonstration `trusted-local`."""
    ntp_servers: tuple[str, ...] = ()
    """At least three, for `clock = "sntp"`."""
    clock_every_seconds: Annotated[int, msgspec.Meta(ge=5, le=60)] = 15
    """How often the clock is asked for; an answer is believed three times as long."""
    clock_offset_milliseconds: Annotated[int, msgspec.Meta(ge=10, le=1000)] = 500
    """How far the clock may be off, and how far it may move between two answers."""
    prepare_days: Positive = 30
    """How long before the end of its key a time-stamping unit gets its successor."""
    minimum_life_days: Positive = 365
    """How long a unit's certificate has to outlive what it stamps."""
    most_tokens: Positive | None = None
    """How many tokens one key may sign; none by default."""
    own: OwnUnitPlace = OwnUnitPlace.FIRST
    """Where our own unit stands among the authorities for signatures: `first`, `last` or `unused`."""
    outside: tuple[OutsideTsaSettings, ...] = ()
    """Authorities of others, asked in this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusSettings:
    """How long published status lives. What is shorter asks more of the HSM, what is longer tells clients later."""

    crl_every_hours: Annotated[int, msgspec.Meta(ge=1, le=24)] = 6
    """How often the issuing CA's CRL is made anew without need."""
    crl_valid_hours: Annotated[int, msgspec.Meta(ge=26, le=240)] = 48
    """Life of the issuing CA's CRL; more than twice the time between two, and long enough for the alarms before its
    end."""
    root_crl_valid_days: Annotated[int, msgspec.Meta(ge=90, le=400)] = 365
    """Life of the root's CRL."""
    ocsp_valid_hours: Annotated[int, msgspec.Meta(ge=2, le=72)] = 12
    """Life of an OCSP answer; it is signed anew at half of it."""
    responder_renew_days: Annotated[int, msgspec.Meta(ge=6, le=25)] = 10
    """How long before its end an OCSP responder gets its successor."""

    @property
    def periods(self) -> StatusPeriods:
        """The same in the words of the CA."""
        return StatusPeriods(
            crl_every=timedelta(hours=self.crl_every_hours),
            crl_valid=timedelta(hours=self.crl_valid_hours),
            root_crl_valid=timedelta(days=self.root_crl_valid_days),
            ocsp_valid=timedelta(hours=self.ocsp_valid_hours),
            responder_renew_before=timedelta(days=self.responder_renew_days),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningSettings:
    """What may be signed, and how."""

    max_document_bytes: Positive = 112 * MIB
    """Largest PDF to be signed; less than may be verified, for signatures and renewals let it grow."""
    default_level: SignatureLevel = SignatureLevel.B_LT
    """Level of a signature where neither the request nor `levels` names one."""
    levels: Mapping[str, SignatureLevel] = field(default_factory=dict)
    """Level by kind of document (*jenis naskah*, as `letter.kind` says it; case and spaces around do not matter)."""
    check_appointments: bool = False
    """Whether signing as Plt., Plh., Pj. or Pjs. needs an acting appointment that is in force (`teken import`)."""
    passphrase_through_api: bool = False
    """Whether applications may pass a signatory's passphrase on. Weaker: they see it, and nothing shows the signatory
    what is signed. Without it, consent is asked for and given on our own page."""
    most_initials: Annotated[int, msgspec.Meta(ge=0, le=15)] = 3
    """Officials who may initial one letter."""
    kind_lists: Path | None = None
    """Folder with further lists of kinds that are not signed electronically, or with newer versions of ours."""
    stamps: Path | None = None
    """Folder with stamp templates of one's own, a folder each; a broken one is refused at start."""
    stamp: str = "official"
    """Name of the stamp template that is drawn where neither request nor agency has another one."""

    batch_documents: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 500
    """Most documents of one batch."""
    batch_mebibytes: Annotated[int, msgspec.Meta(ge=1, le=16384)] = 512
    """Most mebibytes of one batch; they are held in the database until each document is finished."""

    def level_for(self, kind: str | None) -> SignatureLevel:
        """The level of a document of that kind where the request names none."""
        by_kind = {plain_kind(name): level for name, level in self.levels.items()}
        return by_kind.get(plain_kind(kind or ""), self.default_level)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorSettings:
    """Consent and its factors, on our own page."""

    totp_drift: Annotated[int, msgspec.Meta(ge=0, le=1)] = 0
    """How many steps of 30 seconds before and after the present one a code may be of."""
    tries: Annotated[int, msgspec.Meta(ge=1, le=5)] = 3
    """Wrong factors after which a request for consent ends."""
    transaction_seconds: Annotated[int, msgspec.Meta(ge=60, le=600)] = 300
    """How long a request is good once its signatory has opened it."""
    wait_minutes: Annotated[int, msgspec.Meta(ge=1, le=1440)] = 15
    """How long a request waits for its signatory."""
    documents: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20
    """Most documents of one request; every one is shown."""
    idle_minutes: Annotated[int, msgspec.Meta(ge=5, le=120)] = 30
    """How long a login lasts without being used; eight hours at most."""
    passkey_domain: str | None = None
    """Domain that passkeys are bound to, for good; the host of `server.public_url` where absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationSettings:
    """How much a stranger's document may cost."""

    workers: Positive = 2
    """Processes that parse documents."""
    seconds: Positive = 20
    """Time of one validation before its process is stopped."""
    memory_mib: Positive = 512
    """Memory of one validation before its process is stopped."""
    max_document_bytes: Positive = 128 * MIB
    """Largest document to be verified."""
    queue: Positive = 16
    """Validations that may wait; the next one is told to come back."""
    policy: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,40}-[0-9]{1,6}$")] = "teken-1"
    """Name and version of the validation policy: a file in verifier/policies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthSettings:
    """Tokens of applications, and of people who let applications act."""

    issuer: Url | None = None
    """What this service is called in OAuth, without a slash at the end: an address of ours, of the same host as
    `server.public_url`, which it is where absent."""
    token_minutes: Annotated[int, msgspec.Meta(ge=1, le=60)] = 30
    """Life of an access token."""
    refresh_hours: Annotated[int, msgspec.Meta(ge=1, le=720)] = 12
    """How long after a person's consent its tokens can be refreshed."""
    signature_qualifiers: tuple[Annotated[str, msgspec.Meta(pattern="^[a-z]{2}_[a-z0-9]+_[a-z0-9]+$")], ...] = ()
    """What our officials' credentials are said to be (CSC `signatureQualifier`); an application may ask for one of
    these instead of naming a credential."""
    certificate_header: Annotated[str, msgspec.Meta(pattern="^[A-Za-z][A-Za-z0-9-]{0,63}$")] | None = None
    """Header field in which the proxies of `server.trusted_proxies` pass on the TLS certificate of a client, as
    `Client-Cert` (RFC 9440); they have to set or remove it on every request. Without it nobody authenticates by TLS."""
    certificate_authorities: Path | None = None
    """Certificates (PEM) of the authorities whose certificates authenticate applications by their subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EsignSettings:
    """The gateway under `/api`, for applications that have an API credential (`teken esign add`)."""

    plain_http: bool = False
    """Whether passwords and passphrases may come in unencrypted over a network: only for a closed one. Callers on this
    machine itself are served in any case."""
    repeat_minutes: Annotated[int, msgspec.Meta(ge=1, le=60)] = 10
    """How long the same call gets the first answer again instead of a second signature."""
    download_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 30
    """How long a signed document waits to be downloaded, once."""
    files_at_once: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20
    """How many documents one call of its second version may bring."""
    body_mebibytes: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 100
    """How large such a call may be, in MiB; its documents are base64."""
    mark_points: Annotated[float, msgspec.Meta(ge=10, le=600)] = 60.0
    """Width and height of a mark where a call gives none or zero."""
    utc_offset_hours: Annotated[int, msgspec.Meta(ge=-12, le=14)] = 8
    """Zone of the times in answers; WITA by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings:
    """How often somebody may come, per minute. A burst of the same size is allowed."""

    requests_per_minute: Positive = 6000
    """All requests from one network (an IPv4 address, an IPv6 /64)."""
    verifications_per_minute: Positive = 120
    """Uploads for verification from one network."""
    receipts_per_minute: Positive = 60
    """Receipts sealed for everybody together: each costs the HSM two signatures."""
    codes_per_minute: Positive = 60
    """Verification codes looked up from one network: they cannot be guessed, and nobody shall try."""
    fake_reports_per_minute: Positive = 5
    """Reports of suspicious documents from one network."""
    tokens_per_minute: Positive = 300
    """Token requests from one network."""
    failed_logins_per_minute: Positive = 5
    """Failed authentications of one client identifier from one network; six times as many for the network."""
    enrolments_per_minute: Positive = 20
    """One-time links opened from one network: they cannot be guessed, and nobody shall try."""
    signatures_per_minute: Positive = 6000
    """Signatures asked by one client."""
    client_per_minute: Positive | None = None
    """Signings of one client in a minute, counted in the database; `teken client quota` decides for one of them."""
    client_per_day: Positive | None = None
    """Signings of one client in a day (UTC)."""
    credential_per_minute: Positive | None = None
    """Signings with one credential in a minute."""
    credential_per_day: Positive | None = None
    """Signings with one credential in a day (UTC)."""
    idempotency_hours: Annotated[int, msgspec.Meta(ge=1, le=720)] = 24
    """How long the answer to a request with an `Idempotency-Key` is kept."""
    upload_seconds: Positive = 120
    """How long the body of one request may take to arrive."""
    upload_memory_mib: Positive = 512
    """Memory for bodies in flight; the next one is told to come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSettings:
    """The timed work: CRL, OCSP, sweeping."""

    in_process: bool = True
    """Whether this process runs the jobs as well."""
    interrupted_after_seconds: Positive = 120
    """A signing that was reserved so long ago and never ended was interrupted; none takes a tenth of it."""
    worker: str = ""
    """Name of the worker in this process, for good; the host's name by default. Two of one name never run at once."""
    at_once: Annotated[int, msgspec.Meta(ge=1, le=64)] = 2
    """Jobs of one kind side by side; about the cores of this process."""
    keep_days: Positive = 30
    """How long the rows of ended jobs are kept."""
    batch_days: Positive = 7
    """How long a batch waits for its signatory before it is cancelled and its documents are forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSettings:
    """Signed checkpoints of the audit trail."""

    checkpoints_to: Path | None = None
    """Folder for a copy of each checkpoint, on a place that the database's administrator does not own; it must exist.
    After a restored backup name a new one: the old copies tell what the backup lacks."""
    checkpoint_seconds: Annotated[int, msgspec.Meta(ge=1, le=3600)] = 60
    """How often new entries get a checkpoint."""
    refuse_after_minutes: Annotated[int, msgspec.Meta(ge=2, le=24 * 60)] = 15
    """How long an entry may wait for its checkpoint before signing, issuing and revoking refuse."""
    stamped_by: tuple[str, ...] = ()
    """Names in `tsa.outside`: these authorities are asked, in this order, to stamp the newest checkpoint once a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleSettings:
    """Registration and its second person."""

    identity_key_file: Path = Path("identity.key")
    """File with the 32 octets (hex) under which NIK and NIP are hashed for look-up. Back it up: under another key
    nobody is found again. Readable by the service only."""
    link_hours: Annotated[int, msgspec.Meta(ge=1, le=720)] = 72
    """How long an official's one-time link is good."""
    approval_hours: Annotated[int, msgspec.Meta(ge=1, le=720)] = 72
    """How long a proposal waits for its second person, and an approval for its use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSettings:
    """Who hears that certificates end, and how."""

    days: tuple[Positive, ...] = (60, 30, 7)
    """Days before the end at which a notice is sent."""
    smtp_host: str | None = None
    """The server that mail is handed to; none: no mail."""
    smtp_port: Port = 587
    """Its port."""
    smtp_starttls: bool = True
    """Whether mail is handed over encrypted (RFC 3207); `false` only for a server on this very machine."""
    smtp_user: str | None = None
    """Account on the server, where it wants one."""
    smtp_password_file: Path | None = None
    """File with its password and nothing else."""
    sender: str = "teken@localhost"
    """Address that notices come from."""
    office: str | None = None
    """Address of the registration office: it reads what is for an official without an address."""
    webhook: Url | None = None
    """Address that notices are posted to as JSON; none: no webhook."""
    webhook_secret_file: Path | None = None
    """File with the secret that they are signed with (HMAC-SHA256)."""
    alarm_after: Positive = 3
    """Failures of one notice after which an alarm is raised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSettings:
    """What became of things is told to the applications that asked for them."""

    keep_days: Annotated[int, msgspec.Meta(ge=7, le=3650)] = 90
    """How long events can be read, and delivered again."""
    log_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 30
    """How long deliveries that were made or given up stay in the log."""
    webhooks: Annotated[int, msgspec.Meta(ge=0, le=100)] = 10
    """Webhooks of one application."""
    networks: tuple[str, ...] = ()
    """Networks of the house that webhooks may lead into; without it, public addresses alone."""
    ca_file: Path | None = None
    """File with certificates (PEM) of authorities that receivers are trusted by, besides the system's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignSettings:
    """What is accepted from another CA. Its anchors lie in `pki.anchors`."""

    officials: bool = False
    """Whether new officials are certified by another CA, over files (`teken foreign`), instead of by our own."""
    policies: tuple[str, ...] = ()
    """Certificate policies (OIDs) of which each chain has to keep one; none: nothing is accepted."""
    hosts: tuple[str, ...] = ()
    """Hosts that CRLs and OCSP answers are fetched from, `name` or `name:port`; no other address is ever asked."""
    longest_days: Positive = 1098
    """Longest life of an official's certificate."""
    seconds: Annotated[int, msgspec.Meta(ge=1, le=60)] = 10
    """Time for one answer of such a host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveSettings:
    """Keeping documents signed at B-LT and B-LTA valid."""

    renew_days: Annotated[int, msgspec.Meta(ge=30, le=3650)] = 180
    """How long before what its newest timestamp rests on ends a document gets the next one."""
    each_run: Positive = 100
    """Documents that one run of the hourly job renews, and as many that it looks at for the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CscSettings:
    """The Cloud Signature Consortium API at `/csc/v1` and `/csc/v2`."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=255)] | None = None
    """What the service is called; the organisation's name where nothing else is said."""
    logo: Url | None = None
    """Address of its logo, a PNG or JPEG of at most 256 by 256; ours where nothing else is said."""
    region: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")] = "ID"
    """Where it is offered (ISO 3166-1 alpha-2)."""
    supported_hash_types: tuple[str, ...] = ("SHA-256", "SHA-384", "SHA-512")
    """What `supportedHashTypes` says; its meaning is not settled, and one published client requires it."""
    seal_multisign: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    """Most signatures of one authorisation of a seal."""
    seal_seconds: Annotated[int, msgspec.Meta(ge=30, le=86_400)] = 300
    """How long an authorisation of a seal is good, within the hours for which the seal is lent."""
    basic: bool = False
    """Whether accounts of integrations log in with name and password (`auth/login`)."""
    pins: bool = False
    """Whether seals that have a PIN are used: the PIN goes through the application then."""
    max_document_mebibytes: Annotated[int, msgspec.Meta(ge=1, le=100)] = 16
    """Most mebibytes of all documents of one `signDoc`; in the request they take a third more, all of it in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSettings:
    """How pages that nobody printed are reckoned into money; reports show the method beside the sum."""

    copies: Annotated[int, msgspec.Meta(ge=0, le=20)] = 2
    """Prints of one letter that the house used to make: for whom it is addressed to, and for its own file. Those named
    as getting a copy (*tembusan*) count besides."""
    rupiah_per_page: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 250
    """Paper and toner of one printed page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that an operator decides."""

    server: ServerSettings = field(default_factory=ServerSettings)
    hsm: HsmSettings
    store: StoreSettings
    pki: PkiSettings
    status: StatusSettings = field(default_factory=StatusSettings)
    tsa: TsaSettings = field(default_factory=TsaSettings)
    signing: SigningSettings = field(default_factory=SigningSettings)
    factors: FactorSettings = field(default_factory=FactorSettings)
    verification: VerificationSettings = field(default_factory=VerificationSettings)
    oauth: OAuthSettings = field(default_factory=OAuthSettings)
    esign: EsignSettings = field(default_factory=EsignSettings)
    csc: CscSettings = field(default_factory=CscSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    jobs: JobSettings = field(default_factory=JobSettings)
    people: PeopleSettings = field(default_factory=PeopleSettings)
    audit: AuditSettings = field(default_factory=AuditSettings)
    notices: NoticeSettings = field(default_factory=NoticeSettings)
    events: EventSettings = field(default_factory=EventSettings)
    foreign: ForeignSettings = field(default_factory=ForeignSettings)
    archive: ArchiveSettings = field(default_factory=ArchiveSettings)
    reports: ReportSettings = field(default_factory=ReportSettings)
    demonstration: bool = False
    """Whether this is a demonstration: made-up names, test hierarchy, root key on the same token."""

    @property
    def largest_document_bytes(self) -> int:
        """The larger of the two limits for documents."""
        return max(self.signing.max_document_bytes, self.verification.max_document_bytes)

    @property
    def issuer(self) -> str:
        """What this service is called in OAuth: `iss`, `issuer` and CSC `info.oauth2`, character by character."""
        return self.oauth.issuer or self.server.public_url


def plain_kind(kind: str) -> str:
    """How kinds of documents are compared."""
    return " ".join(kind.casefold().split())


def _secret_in(path: Path, key: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{key}: {path} cannot be read ({error.strerror})") from error
