"""What operators copy is held to the code: compose file, proxy, image, example settings, database rights."""

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from eoffice.cli import eoffice
from eoffice.settings import load_settings as load_office_settings

from api.bodies import OVERHEAD
from api.cli import COMMANDS
from api.settings import SettingsError
from api.settings_file import load_settings
from store.base import Base
from store.service_role import service_role_statements
from store.tables import AuditHeadRow, AuditRow
from tests.architecture.pages import ROOMS, ROOT, read

EXAMPLE = ROOT / "docs" / "operations" / "teken.example.toml"
OFFICE_EXAMPLE = EXAMPLE.with_name("eoffice.example.toml")
COMPOSE: dict[str, Any] = yaml.safe_load(read("docker-compose.yml"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def test_the_example_can_be_used_and_is_a_rehearsal() -> None:
    assert load_settings(EXAMPLE).demonstration


def test_the_example_cannot_slip_into_production(tmp_path: Path) -> None:
    real = tmp_path / "teken.toml"
    real.write_text(EXAMPLE.read_text(encoding="utf-8").replace("demonstration = true", ""), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"pki\.pen"):
        load_settings(real)


def test_the_example_fits_the_compose_file() -> None:
    settings = load_settings(EXAMPLE)
    web, caddy = SERVICES["web"], SERVICES["caddy"]
    mounted = {_target(volume) for volume in web["volumes"]}
    assert web["environment"]["TEKEN_DATA"] in {str(Path(path).parent) for path in mounted}
    outside = settings.audit.checkpoints_to
    assert outside is not None
    for path in (settings.hsm.pin_file, settings.pki.certificates, settings.people.identity_key_file, outside):
        assert any(path.is_relative_to(volume) for volume in mounted)
    secrets = {Path("/run/secrets") / name for name in web["secrets"]}
    assert {settings.store.database_password_file, settings.store.vault_secret_file} == secrets
    proxy = caddy["networks"]["front"]["ipv4_address"]
    assert settings.server.trusted_proxies == (proxy,)
    assert ip_address(proxy) in ip_network(COMPOSE["networks"]["front"]["ipam"]["config"][0]["subnet"])
    assert not settings.jobs.in_process, "the worker runs the jobs"
    hosts = {urlsplit(url).hostname for url in (settings.store.database_url, str(settings.store.vault_endpoint))}
    assert hosts <= SERVICES.keys()


def _target(volume: str | dict[str, Any]) -> str:
    """Where a volume stands in the container, in either way of writing it."""
    return volume["target"] if isinstance(volume, dict) else volume.removesuffix(":ro").rpartition(":")[2]


def test_the_example_of_the_e_office_fits_the_compose_file() -> None:
    settings = load_office_settings(OFFICE_EXAMPLE)
    office = SERVICES["eoffice"]
    assert settings.teken.secret_file in {Path("/run/secrets") / name for name in office["secrets"]}
    assert urlsplit(settings.database_url).hostname in office["depends_on"]
    proxy = ip_network(SERVICES["caddy"]["networks"]["front"]["ipv4_address"])
    assert settings.trusted_proxies == (str(proxy),), "or all citizens share one limit"
    home = Path(office["environment"]["EOFFICE_SETTINGS"])
    mounted = {_target(volume) for volume in office["volumes"]}
    assert {str(home), str(home.parent)} <= mounted, "papers lie beside the settings"
    assert str(home.parent) in read("Dockerfile"), "the volume belongs to who runs there"
    assert office["entrypoint"] == ["python", "-m", "eoffice"]
    assert office["command"][0] in eoffice.commands
    assert SERVICES["caddy"]["networks"]["front"]["aliases"] == ["${TEKEN_PUBLIC_HOST}"]
    assert "back" not in office["networks"], "it sees Teken from outside alone"
    assert "reverse_proxy eoffice:8100" in read("Caddyfile")


def test_the_place_of_the_checkpoints_is_never_made_by_itself() -> None:
    bound = [volume for volume in SERVICES["worker"]["volumes"] if isinstance(volume, dict)]
    assert [volume["target"] for volume in bound] == [str(load_settings(EXAMPLE).audit.checkpoints_to)]
    assert bound[0]["bind"] == {"create_host_path": False}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_uses_only_what_is_declared(name: str) -> None:
    service = SERVICES[name]
    assert set(service.get("depends_on", ())) <= SERVICES.keys()
    assert set(service.get("secrets", ())) <= COMPOSE["secrets"].keys()
    assert set(service.get("networks", ())) <= COMPOSE["networks"].keys()
    written = [volume for volume in service.get("volumes", ()) if isinstance(volume, str)]
    named = {volume.split(":")[0] for volume in written if volume[0] not in "./$"}
    assert named <= COMPOSE["volumes"].keys()
    for other, how in service.get("depends_on", {}).items():
        ends = SERVICES[other].get("restart") == "no"
        assert how["condition"] == ("service_completed_successfully" if ends else "service_healthy")
        assert ends or "healthcheck" in SERVICES[other]


def test_nothing_but_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["caddy"]
    assert COMPOSE["networks"]["back"]["internal"] is True


def test_the_compose_file_calls_commands_that_exist() -> None:
    ours = {name: service for name, service in SERVICES.items() if service.get("image") == "teken:local"}
    assert {ours[name]["command"][0] for name in ("web", "worker")} <= COMMANDS.keys()
    assert ours["ceremony"]["entrypoint"] == ["python", "-m", "api", "ceremony"]
    script = ours["init"]["command"][0]
    assert "python -m api db upgrade" in script
    for python in re.findall(r"python -c '(.+)'", script):
        compile(python, "init", "exec")
    for service in ours.values():
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"] is True


def test_the_proxy_logs_neither_headers_nor_addresses() -> None:
    default = re.search(r"log default \{(.+?)\n\t\}", read("Caddyfile"), re.DOTALL)
    assert default is not None
    for field in ("request>headers", "request>uri", "resp_headers"):
        assert f"{field} delete" in default[1]


def test_the_proxy_lets_the_largest_document_through() -> None:
    sizes = [int(size) * 1_000_000 for size in re.findall(r"max_size (\d+)MB", read("Caddyfile"))]
    assert min(sizes) >= load_settings(EXAMPLE).largest_document_bytes + OVERHEAD


def test_the_image_has_every_room_and_nothing_runs_as_root() -> None:
    dockerfile, ignored = read("Dockerfile"), read(".dockerignore")
    for room in ROOMS:
        assert f"\nCOPY {room} {room}\n" in dockerfile
        assert f"\n!{room}\n" in ignored
    assert re.findall(r"^USER (\w+)$", dockerfile, re.MULTILINE) == ["teken"]
    assert "--require-hashes" in dockerfile


def test_the_service_may_add_to_the_trail_and_not_change_it() -> None:
    given: dict[str, set[str]] = {}
    for statement in service_role_statements("teken_service"):  # the job engine's tables are in a schema of their own
        if granted := re.fullmatch(r"GRANT ([A-Z, ]+) ON ((?!.* IN SCHEMA dbos).+) TO teken_service", statement):
            for right in granted[1].split(", "):
                given.setdefault(right, set()).update(granted[2].split(", "))
    tables = {table.name for table in Base.metadata.tables.values()}
    assert given["INSERT"] == tables - {AuditHeadRow.__tablename__}
    trail = {AuditRow.__tablename__, "audit_checkpoints"}
    assert not trail & (given["UPDATE"] | given["DELETE"])
    assert given["UPDATE"] | given["DELETE"] <= tables
