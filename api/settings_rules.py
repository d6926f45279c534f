"""Settings that contradict each other, and what to do about it."""

from ipaddress import ip_network
from typing import Final
from urllib.parse import urlsplit

from api.settings import MIB, ClockChoice, OwnUnitPlace, Settings, SettingsError, TsaSettings, plain_kind

DOCUMENTATION_PEN: Final = 32473
"""Reserved for documentation (RFC 5612): good for a demonstration, refused in production."""

LEAST_SERVERS: Final = 3
"""Of time servers, one may err."""

ROOM_TO_GROW: Final = 8 * MIB
"""What 64 signatures and the renewals of decades add to a document: some 40 KiB each, and a footer's 300 pages."""


def refuse_contradictions(settings: Settings) -> None:
    """Raises `SettingsError` with the key and the fix."""
    if settings.pki.pen == DOCUMENTATION_PEN and not settings.demonstration:
        raise SettingsError(
            f"pki.pen: {DOCUMENTATION_PEN} is reserved for documentation; register a number at IANA, "
            "or set demonstration = true"
        )
    if settings.tsa.clock is ClockChoice.TRUSTED_LOCAL and not settings.demonstration:
        raise SettingsError(
            "tsa.clock: trusted-local believes this machine's clock unchecked and is for demonstrations; "
            "run chrony, or name three tsa.ntp_servers"
        )
    if settings.tsa.clock is ClockChoice.SERVERS and len(settings.tsa.ntp_servers) < LEAST_SERVERS:
        raise SettingsError("tsa.ntp_servers: name three servers or more, so that one that errs is outvoted")
    if len({plain_kind(kind) for kind in settings.signing.levels}) < len(settings.signing.levels):
        raise SettingsError("signing.levels: one kind of document stands there twice; leave one of the two")
    _refuse_outside_authorities(settings.tsa)
    strangers = set(settings.audit.stamped_by) - {each.name for each in settings.tsa.outside}
    if strangers:
        raise SettingsError(f"audit.stamped_by: no [[tsa.outside]] is called {sorted(strangers)[0]}; correct the name")
    if settings.archive.renew_days >= settings.tsa.minimum_life_days:
        raise SettingsError(
            "archive.renew_days: a new timestamp would be due at once; stay below tsa.minimum_life_days"
        )
    for network in settings.events.networks:
        _refuse_no_network(network)
    if settings.notices.webhook is not None and settings.notices.webhook_secret_file is None:
        raise SettingsError("notices.webhook_secret_file: is missing; a webhook is always signed, name a file")
    if settings.foreign.officials and not (settings.foreign.policies and settings.foreign.hosts):
        raise SettingsError(
            "foreign.officials: name foreign.policies and foreign.hosts as well, or no answer is ever accepted"
        )
    if 2 * settings.status.crl_every_hours >= settings.status.crl_valid_hours:
        raise SettingsError("status.crl_every_hours: a CRL would pass half of its life before the next; lower it")
    _refuse_proxies_of_nobody(settings)
    if urlsplit(settings.issuer)[:2] != urlsplit(settings.server.public_url)[:2]:
        raise SettingsError("oauth.issuer: its host has to be that of server.public_url, where people log in")
    waiting = settings.verification.workers + settings.verification.queue
    if settings.server.threads <= waiting:
        raise SettingsError(
            f"server.threads: {waiting} verifications may wait at once, and would use up every thread; "
            "raise it, or lower verification.queue"
        )
    _refuse_sizes(settings)


def _refuse_proxies_of_nobody(settings: Settings) -> None:
    """A certificate is believed from proxies alone that are named by their addresses."""
    if settings.oauth.certificate_header is None:
        return
    try:
        proxies = [ip_network(each) for each in settings.server.trusted_proxies]
    except ValueError:
        proxies = []
    if not proxies:
        raise SettingsError(
            "oauth.certificate_header: name the proxies that set it in server.trusted_proxies, by their addresses"
        )


def _refuse_no_network(network: str) -> None:
    try:
        ip_network(network)
    except ValueError:
        raise SettingsError(f"events.networks: {network!r} is no network; write 10.20.0.0/16") from None


def _refuse_sizes(settings: Settings) -> None:
    if settings.signing.max_document_bytes + ROOM_TO_GROW > settings.verification.max_document_bytes:
        raise SettingsError(
            f"signing.max_document_bytes: signed, such a document could not be verified any more; leave"
            f" {ROOM_TO_GROW // MIB} MiB below verification.max_document_bytes"
        )
    if settings.limits.upload_memory_mib * MIB < settings.largest_document_bytes:
        raise SettingsError("limits.upload_memory_mib: less than one document of the allowed size; raise it")


def _refuse_outside_authorities(tsa: TsaSettings) -> None:
    names = [each.name for each in tsa.outside]
    if len({*names, "own"}) <= len(names):
        raise SettingsError("tsa.outside.name: each authority has a name of its own, and none is called own")
    if tsa.own is OwnUnitPlace.UNUSED and not tsa.outside:
        raise SettingsError("tsa.own: unused leaves nobody to stamp signatures; name an authority in [[tsa.outside]]")
    for each in tsa.outside:
        if (each.user is None) != (each.password_file is None) or (each.user and each.token_file):
            raise SettingsError(
                f"tsa.outside.{each.name}: name user and password_file together, or token_file alone, or none of them"
            )
        if each.url.startswith("http:") and (each.user or each.token_file):
            raise SettingsError(f"tsa.outside.{each.name}: its secret would travel readable; give an https address")
