"""What of status and time is watched in a running service; the rules are `api.alarms`."""

from datetime import timedelta

from api.alarms import (
    Watch,
    answers_alarms,
    certificate_alarms,
    crl_alarms,
    responder_alarms,
    timestamping_alarms,
    unit_alarms,
)
from api.parts import Authority, Now, Stores
from api.settings import Settings
from ca.ceremony import ISSUING_CA_ID, ROOT_ID
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

    prepared = timedelta(days=settings.tsa.prepare_days)
    return (
        Watch(name="clock", look=authority.clock.alarms),
        Watch(name="timestamping", look=lambda: timestamping_alarms(authorities.counts())),
        Watch(
            name="certificates",
            look=lambda: certificate_alarms(
                (authority.hierarchy.issuing_ca, authority.units.certificate, authority.responder.certificate), at=now()
            ),
        ),
        crl(ISSUING_CA_ID),
        crl(ROOT_ID),
        Watch(name="ocsp-responder", look=lambda: responder_alarms(authority.responder.certificate, at=now())),
        Watch(name="ocsp-answers", look=lambda: answers_alarms(authority.answers.overdue())),
        Watch(
            name="tsu",
            look=lambda: unit_alarms(
                authority.own.unit_ends(authority.units.certificate), at=now(), prepared_before=prepared
            ),
        ),
    )
