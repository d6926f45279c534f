"""How the delivery of events goes, for staff: counts, and no application's address."""

from typing import Final

from litestar import Controller

from api.faces.rest.events.webhook_body import HealthBody
from api.faces.rest.office.visit import Visiting, reads
from api.permissions import Permission
from api.problems import NOT_FOUND, RequestRefused

_EXAMPLE: Final = {
    "active": 3,
    "paused": 1,
    "failing": 0,
    "waiting": 2,
    "failed": 0,
    "oldestWaitingAt": "2026-11-21T04:00:00Z",
}


class DeliveryController(Controller):
    """Delivery over all applications."""

    path = "/delivery-health"
    tags = ["events"]  # noqa: RUF012 - the framework's way

    @reads("/", "GetDeliveryHealth", Permission.WEBHOOK_READ, gives=HealthBody, fails=(NOT_FOUND,), shows=_EXAMPLE)
    def health(self, visit: Visiting[None]) -> HealthBody:
        """How many webhooks work, and what waits for them"""
        health = visit.services.webhook_health()
        if health is None:
            raise RequestRefused(NOT_FOUND, "This process delivers nothing.")
        return HealthBody.of(health)
