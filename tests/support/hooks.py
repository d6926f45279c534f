"""Webhooks over real stores, with a clock that the test moves and a receiver on loopback."""

import hashlib
import hmac
import time
from datetime import datetime, timedelta

from api.events.sending import CheckedPost, trusting
from signer.events import EventType
from signer.hooks.addresses import AddressRules
from signer.hooks.delivering import Delivering
from signer.hooks.model import Webhook
from signer.hooks.service import WebhookService
from signer.model import Secret
from store.client_model import Client, ClientState
from store.clients import SqlClientStore
from store.database import Database
from store.deliveries import SqlDeliveries
from store.events import tell
from store.webhooks import SqlWebhooks
from tests.support.api_memory import Counted, MemorySecrets
from tests.unit.store.samples import NOON

CLIENT = "eoffice"
LOOPBACK = ("127.0.0.0/8",)


class HookOffice:
    """Everything that delivers, over one database; several of them are several processes."""

    def __init__(self, database: Database, *, networks: tuple[str, ...] = LOOPBACK) -> None:
        self.database = database
        self.clock = NOON
        self.failing: list[str] = []
        self.store = SqlWebhooks(database)
        self.queue = SqlDeliveries(database)
        rules, vault, drawn = AddressRules(networks), MemorySecrets(), Counted()
        self.service = WebhookService(
            store=self.store, vault=vault, rules=rules, most=10, now=self.now, random_bytes=drawn
        )
        self.delivering = Delivering(
            queue=self.queue,
            vault=vault,
            rules=rules,
            post=CheckedPost(rules, trusting(None), seconds=5),
            failing=self.failing.append,
            now=self.now,
            clock=time.monotonic,
            random_bytes=lambda size: b"\0" * size,  # no wait is longer than it says
        )

    def now(self) -> datetime:
        return self.clock

    def forward(self, time: timedelta) -> None:
        self.clock += time

    def client(self, client_id: str = CLIENT) -> None:
        """A client that is active."""
        new = Client(id=client_id, name=client_id, scopes=frozenset(), state=ClientState.ACTIVE, created_at=self.clock)
        SqlClientStore(self.database).add(new, "00" * 32, actor="test")

    def hook(self, url: str, *types: EventType, client_id: str = CLIENT) -> tuple[Webhook, Secret]:
        return self.service.add(client_id, url, types)

    def happen(self, *subjects: str, type: EventType = EventType.SIGNATURE_SIGNED, client_id: str = CLIENT) -> None:
        """An event each."""
        for subject in subjects:
            with self.database.transaction() as session:
                tell(session, type, client_id=client_id, subject=subject, at=self.clock)

    def deliver(self) -> int:
        """Until nothing is due; how many deliveries were taken."""
        taken = 0
        while (done := self.delivering.deliver_to_one()) is not None:
            taken += done
        return taken


def is_signed(secret: str, header: str, body: bytes) -> bool:
    """Whether one of the signatures in the header is that of the body under `secret`."""
    parts = [each.partition("=") for each in header.split(",")]
    at = next(value for name, _, value in parts if name == "t")
    expected = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return any(name == "v1" and hmac.compare_digest(value, expected) for name, _, value in parts)
