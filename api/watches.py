"""What of status and time is watched in a running service; the rules are `api.alarms`."""

from collections.abc import Iterator
from datetime import timedelta

from cryptography import x509

from api.alarms import (
    Alarm,
    Watch,
    answers_alarms,
    certificate_alarms,
    crl_alarms,
    responder_alarms,
    timestamping_alarms,
    unit_alarms,
)
from api.authority import Authority
from api.given import Now
from api.settings import Settings
from api.stores import Stores
from ca.ceremony import ROOT_ID
from signer.timestamping import TimestampAuthorities


def watches_of(
    settings: Settings, stores: Stores, authority: Authority, authorities: TimestampAuthorities, now: Now
) -> tuple[Watch, ...]:
    """Each looks at the service of this moment: keys and CRLs change while it runs."""

    def crl(issuer_id: str) -> Watch:
        is_root = issuer_id == ROOT_ID
        return Watch(
            name=f"crl-{issuer_id}",
            look=lambda: crl_alarms(stores.crls.current(issuer_id), issuer_id, is_root=is_root, at=now()),
        )

    def responders() -> Iterator[Alarm]:
        for each in authority.generations:
            if each.serves():
                ca_ends = each.published.certificate.not_valid_after_utc
                yield from responder_alarms(each.responder.certificate, ca_ends=ca_ends, at=now())

    def in_use() -> Iterator[x509.Certificate]:
        """An older generation that has ended is nobody's trouble any more."""
        yield from (authority.hierarchy.issuing_ca, authority.units.certificate)
        for each in authority.generations:
            if each.serves():
                yield from (each.published.certificate, each.responder.certificate)

    prepared = timedelta(days=settings.tsa.prepare_days)
    return (
        Watch(name="clock", look=authority.clock.alarms),
        Watch(name="timestamping", look=lambda: timestamping_alarms(authorities.counts())),
        Watch(
            name="certificates",
            look=lambda: certificate_alarms(dict.fromkeys(in_use()), at=now()),
        ),
        *(crl(each.id) for each in authority.generations),
        crl(ROOT_ID),
        Watch(name="ocsp-responder", look=responders),
        Watch(name="ocsp-answers", look=lambda: answers_alarms(authority.answers.overdue())),
        Watch(
            name="tsu",
            look=lambda: unit_alarms(
                authority.own.unit_ends(authority.units.certificate), at=now(), prepared_before=prepared
            ),
        ),
    )
