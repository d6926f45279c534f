"""A whole Teken service as a newcomer starts it: its own process, its own directory, its own SoftHSM token."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from api.settings_template import default_toml
from hsm_config.settings import find_softhsm_module
from tests.support.fresh import Launched, launch_command, run_command

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90


@dataclass(slots=True)
class RunningService:
    """One service that answers on `url`, and what a caller needs to use it."""

    directory: Path
    port: int
    process: Launched = field(repr=False)
    http: httpx.Client = field(repr=False)
    """Speaks to the service: every address starts with `/`."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """Everything that the service printed and logged."""
        return log_of(self.directory)

    @property
    def root_pem(self) -> Path:
        """The root certificate, for the judges."""
        return self.directory / "demonstration" / "root.pem"

    @property
    def client(self) -> tuple[str, str]:
        """Identifier and secret of the demonstration client."""
        client_id, _, secret = (self.directory / "demonstration" / "client").read_text().strip().partition(":")
        return client_id, secret

    @property
    def sign_request(self) -> dict[str, Any]:
        """The JSON part that signs with the demonstration official."""
        request: dict[str, Any] = json.loads((self.directory / "demonstration" / "request.json").read_text())
        return request

    def token(self, client: tuple[str, str] | None = None) -> str:
        """A fresh access token of `client`, of the demonstration's by default."""
        answer = self.http.post(
            "/oauth2/token", data={"grant_type": "client_credentials"}, auth=client or self.client
        ).raise_for_status()
        return str(answer.json()["access_token"])

    def bearer(self, client: tuple[str, str] | None = None) -> dict[str, str]:
        """The header that a client sends."""
        return {"Authorization": f"Bearer {self.token(client)}"}

    def sign(self, pdf: bytes, *, accept: str = "application/pdf", **overrides: Any) -> httpx.Response:
        """`POST /v1/signatures` as a form; asks for the signed PDF."""
        return self.http.post(
            "/v1/signatures",
            headers={**self.bearer(), "Accept": accept},
            files={
                "document": ("document.pdf", pdf, "application/pdf"),
                "request": (None, json.dumps(self.sign_request | overrides), "application/json"),
            },
        )

    def verify(self, pdf: bytes) -> httpx.Response:
        """`POST /v1/verifications` with the raw PDF."""
        return self.http.post("/v1/verifications", content=pdf, headers={"Content-Type": "application/pdf"})

    def upload(self, pdf: bytes) -> httpx.Response:
        """What a citizen's browser sends from the start page."""
        return self.http.post("/", files={"document": ("surat.pdf", pdf, "application/pdf")})

    def memory(self) -> int:
        """Bytes of the service's own memory (VmRSS)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024

    def processor_seconds(self) -> float:
        """What the service's own process has used so far; does not grow when the machine is busy with others."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the process that this object started, and wait for it."""
        self.http.close()
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(timeout=30)


@contextmanager
def running_service(
    directory: Path, *, command: str = "start", arguments: tuple[str, ...] = ()
) -> Iterator[RunningService]:
    """Start a service with its data in `directory` (made where absent), wait until it is ready, stop it at the end."""
    service = start_service(directory, command=command, arguments=arguments)
    try:
        yield service
    finally:
        service.stop()


def start_service(directory: Path, *, command: str = "start", arguments: tuple[str, ...] = ()) -> RunningService:
    """The same without the ending, for tests that kill it."""
    port = free_port()
    process = launch(directory, command, "--port", str(port), *arguments)
    wait_until_ready(port, process, log_of(directory))
    # given up sooner than the service does (5 s), or a request could meet its connection at the moment of its end
    kept = httpx.Limits(keepalive_expiry=2)
    http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False, limits=kept)
    return RunningService(directory, port, process, http)


def wait_until_ready(port: int, process: Launched, log: Path, *, seconds: float = START_SECONDS) -> None:
    """Until `/readyz` on this port says so; a process that ends first, or takes too long, fails with its log."""
    deadline = time.monotonic() + seconds
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=5, trust_env=False) as http:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if http.get("/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
    process.kill()
    process.wait(timeout=30)
    raise AssertionError(f"the service did not start:\n{log.read_text(errors='replace')[-4000:]}")


def launch(directory: Path, command: str, *arguments: str) -> Launched:
    """`teken COMMAND --data DIRECTORY …` in the background; what it says goes to the log of the directory."""
    words = (command, "--data", str(directory), *arguments)
    return launch_command(words, folder=ROOT, environment=environment(), log=log_of(directory))


def teken(
    directory: Path, *words: str, stdin: str | None = None, seconds: float = 60
) -> subprocess.CompletedProcess[str]:
    """`teken WORDS… --data DIRECTORY`, to its end; exit code and both outputs are the caller's to read."""
    asked = (*words, "--data", str(directory))
    return run_command(asked, folder=ROOT, environment=environment(), stdin=stdin, seconds=seconds)


def teken_in_turn(*commands: tuple[Path, tuple[str, ...]]) -> list[subprocess.CompletedProcess[str]]:
    """`teken WORDS… --data DIRECTORY` for each pair, one after the other."""
    return [teken(directory, *words) for directory, words in commands]


UNCHECKED_CLOCK = {
    "name": "clock",
    "health": "warning",
    "text": "tsa.clock = trusted-local: nobody checks the clock, so timestamps prove nothing",
}
"""All that the doctor finds in a demonstration that is well."""

PASSPHRASE = "tujuh gunung menunggu hujan"


def enrolled(directory: Path, name: str) -> dict[str, str]:
    """Enrol an invented official with `teken enrol`; returns what signs in their name: credential and passphrase."""
    file = directory.parent / "passphrase"
    file.write_text(f"{PASSPHRASE}\n")
    done = teken(directory, "enrol", name, "--passphrase-file", str(file), "--json")
    assert done.returncode == 0, done.stderr
    return {"credential": json.loads(done.stdout)["credential"], "passphrase": PASSPHRASE}


def registered(service: RunningService, name: str) -> dict[str, str]:
    """The same where nothing is a demonstration: staff, a proposal, a second person, the official's own page."""
    folder = service.directory
    hire(folder)
    proposed = _said(teken(folder, "register", name, *staff_login(folder, "pendaftar"), "--json"))
    _said(teken(folder, "approve", proposed["approval"], *staff_login(folder, "pemeriksa"), "--json"))
    link = _said(teken(folder, "link", proposed["registration"], *staff_login(folder, "pendaftar"), "--json"))["link"]
    page = service.http.post(
        httpx.URL(link).path, data={"passphrase": PASSPHRASE, "repeated": PASSPHRASE}, headers={"Origin": service.url}
    )
    assert page.status_code == 200, page.text
    (found,) = _said(teken(folder, "search", name, *staff_login(folder, "pendaftar"), "--json"))
    return {"credential": found["credential"], "passphrase": PASSPHRASE}


def hire(folder: Path) -> None:
    """Three people with an account each: `kepala` (administrator), `pendaftar` (registrar), `pemeriksa` (approver)."""
    for account, role in (("kepala", "administrator"), ("pendaftar", "registrar"), ("pemeriksa", "approver")):
        hired(folder, account, role)


def hired(folder: Path, account: str, role: str) -> None:
    """One account of staff more, its secret in a file beside the folder; the first one is an administrator's."""
    number = folder.parent / f"{account}.number"
    number.write_text(f"19990101 202601 1 {len(list(folder.parent.glob('*.secret'))) + 1:03}\n")
    login = () if account == "kepala" else staff_login(folder, "kepala")
    person = ("--name", "Contoh", "--role", role, "--number-file", str(number))
    added = _said(teken(folder, "staff", "add", account, *person, *login, "--json"))
    if "link" in added:
        opened = _said(teken(folder, "staff", "open", "--json", stdin=added["link"] + "\n"))
        added = {**added, **opened}
    (folder.parent / f"{account}.secret").write_text(added["secret"])


def staff_login(directory: Path, account: str) -> tuple[str, ...]:
    """What logs an account of `registered` in."""
    return ("--as", account, "--secret-file", str(directory.parent / f"{account}.secret"))


def _said(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def write_settings(directory: Path, **tables: Mapping[str, Any] | bool) -> None:
    """The `teken.toml` of a first start, written beforehand with other values in some of its tables."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    tree = tomllib.loads(default_toml(directory, 8000, module=find_softhsm_module()))
    for name, values in tables.items():
        tree[name] = {**tree.get(name, {}), **values} if isinstance(values, Mapping) else values
    (directory / "teken.toml").write_text(_toml(tree), encoding="utf-8")


def change_settings(directory: Path, **tables: Mapping[str, Any]) -> None:
    """The same in a folder that has its settings already."""
    tree = tomllib.loads((directory / "teken.toml").read_text(encoding="utf-8"))
    for name, values in tables.items():
        tree[name] = {**tree.get(name, {}), **values}
    (directory / "teken.toml").write_text(_toml(tree), encoding="utf-8")


def copied(directory: Path, to: Path) -> Path:
    """A copy of a stopped service's folder that opens where it lies now, without having been started there."""
    shutil.copytree(directory, to)
    conf = to / "hsm" / "softhsm2.conf"
    conf.write_text(conf.read_text().replace(str(directory.resolve()), str(to.resolve())))
    return to


def log_of(directory: Path) -> Path:
    """The log of a service, beside its folder."""
    return directory.parent / f"{directory.name}.log"


_HELD: list[socket.socket] = []


def free_port() -> int:
    """A TCP port on loopback that nobody listens on, and that nobody else is given while these tests run.

    It stays bound here, and servers (which all set SO_REUSEADDR) may listen on it all the same. A port that was let go
    could be another test's server by the time ours has loaded its modules.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    _HELD.append(held)
    return int(held.getsockname()[1])


def environment() -> dict[str, str]:
    """That of a shell in the repository, without what other tests set; one process reads what another compiled."""
    without = ("SOFTHSM2_CONF", "TEKEN_DATA", "PYTHONDONTWRITEBYTECODE")
    own = {name: value for name, value in os.environ.items() if name not in without}
    return {**own, "PYTHONPATH": str(ROOT)}


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) for each in value)


def _toml(tree: Mapping[str, Any]) -> str:
    """Tables of one level, and arrays of tables in them; every value that we write looks the same in JSON."""
    plain = [f"{key} = {json.dumps(value)}" for key, value in tree.items() if not isinstance(value, Mapping)]
    for name, table in tree.items():
        if isinstance(table, Mapping):
            rows = {key: value for key, value in table.items() if _is_tables(value)}
            plain += [f"\n[{name}]", *(f"{k} = {json.dumps(value)}" for k, value in table.items() if k not in rows)]
            for key, value in rows.items():
                for each in value:
                    plain += [f"\n[[{name}.{key}]]", *(f"{k} = {json.dumps(v)}" for k, v in each.items())]
    return "\n".join(plain) + "\n"
