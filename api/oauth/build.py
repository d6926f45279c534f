"""OAuth, built once from the settings."""

from cryptography import x509

from api.failed_logins import FailedLogins
from api.given import Now, RandomBytes
from api.oauth.client_authentication import ClientAuthentication, ClientRegistry
from api.oauth.client_certificates import CertificateRules
from api.oauth.registrations import ClientRegistrations
from api.settings import OAuthSettings, Settings, SettingsError
from store.client_registrations import SqlClientRegistrations
from store.clients import SqlClientStore
from store.database import Database


def client_authentication(settings: Settings, clients: ClientRegistry, *, now: Now) -> ClientAuthentication:
    """How clients authenticate; raises `SettingsError` for authorities that cannot be read."""
    return ClientAuthentication(
        clients=clients,
        failed=FailedLogins(per_minute=settings.limits.failed_logins_per_minute, now=now),
        certificates=CertificateRules(_authorities(settings.oauth)),
        issuer=settings.issuer,
        now=now,
    )


def build_client_registrations(database: Database, *, now: Now, random_bytes: RandomBytes) -> ClientRegistrations:
    """The registry of applications alone; needs neither HSM nor CA."""
    return ClientRegistrations(
        clients=SqlClientStore(database),
        registrations=SqlClientRegistrations(database),
        now=now,
        random_bytes=random_bytes,
    )


def _authorities(settings: OAuthSettings) -> list[x509.Certificate]:
    if settings.certificate_authorities is None:
        return []
    try:
        return x509.load_pem_x509_certificates(settings.certificate_authorities.read_bytes())
    except (OSError, ValueError):
        raise SettingsError(
            "oauth.certificate_authorities: name a file with certificates in PEM, readable by the service"
        ) from None
