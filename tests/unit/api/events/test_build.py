"""What is watched of delivery, and what the metrics say."""

from datetime import timedelta
from pathlib import Path

import pytest

from api.alarms import Severity
from api.events.build import LATE, webhook_alarms
from api.metrics import Metrics
from api.settings import SettingsError
from api.settings_file import load_settings
from api.settings_template import default_toml
from signer.hooks.model import WebhookHealth
from tests.support.api_memory import NOON

WELL = WebhookHealth(active=3, paused=1, failing=0, waiting=2, failed=0, oldest_waiting_at=NOON)


@pytest.mark.parametrize("network", ["10.20.0.1/16", "everywhere", ""])
def test_networks_that_are_none_are_refused_at_the_start(tmp_path: Path, network: str) -> None:
    file = tmp_path / "teken.toml"
    file.write_text(default_toml(tmp_path, 8000) + f'\n[events]\nnetworks = ["{network}"]\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"events\.networks"):
        load_settings(file)


def test_what_works_raises_nothing() -> None:
    assert list(webhook_alarms(WELL, NOON + LATE)) == []


@pytest.mark.parametrize(
    ("health", "after", "name"),
    [
        (WebhookHealth(active=0, paused=0, failing=1, waiting=5, failed=0, oldest_waiting_at=None), LATE, "failing"),
        (WELL, LATE + timedelta(seconds=1), "late"),
    ],
)
def test_what_does_not_is_a_warning(health: WebhookHealth, after: timedelta, name: str) -> None:
    (alarm,) = webhook_alarms(health, NOON + after)
    assert (alarm.name, alarm.severity) == (f"webhooks-{name}", Severity.WARNING)


def test_the_metrics_count_webhooks_and_what_waits() -> None:
    text = Metrics(dict, webhooks=lambda: WELL).text().decode()
    for line in (
        'teken_webhooks{state="active"} 3.0',
        'teken_webhooks{state="failing"} 0.0',
        'teken_webhook_deliveries{state="waiting"} 2.0',
    ):
        assert line in text
