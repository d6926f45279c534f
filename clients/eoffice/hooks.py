"""Where Teken rings: something happened. What it was, the messenger reads itself."""

from typing import Any

import teken
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from eoffice.compose import Office


@post("/hooks/teken", status_code=204)
async def hear(request: Request[Any, Any, Any], office: NamedDependency[SkipValidation[Office]]) -> Response[None]:
    """Take a delivery that is signed with the webhook's secret; anything else is 400, and nothing is done."""
    path = office.settings.teken.webhook_secret_file
    if path is None or not path.exists():
        return Response(None, status_code=404)
    try:
        teken.verify_webhook(dict(request.headers), await request.body(), path.read_text(encoding="ascii").strip())
    except teken.WebhookRefused:
        return Response(None, status_code=400)
    office.wake.set()
    return Response(None, status_code=204)
