"""The PKI's addresses as one router. They stand in certificates, so they never move."""

from litestar import Router

from api.faces.pki.ocsp import MAX_POST_BYTES, OcspController
from api.faces.pki.publications import PublicationController
from api.faces.pki.tsa import MAX_QUERY_BYTES, TimestampController
from api.routes import Routes


def pki_router() -> Router:
    """Plain answers with strong validators: never compressed on the way."""
    return Routes(
        path="/",
        route_handlers=[
            PublicationController,
            Routes(path="/", route_handlers=[OcspController], request_max_body_size=MAX_POST_BYTES),
            Routes(path="/", route_handlers=[TimestampController], request_max_body_size=MAX_QUERY_BYTES),
        ],
        opt={"exclude_from_compression": True},
    )
