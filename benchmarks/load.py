"""The running service under load: signings, verifications and pages a second through HTTP, side by side in one run.

    ./start                                        # in one terminal
    python -m benchmarks.load                      # in another: ./data, 8 callers, 5 seconds each
    python -m benchmarks.load --data DIR --callers 4 --seconds 10

The callers share the machine with the service, so the figures are a floor. They come from one network, so raise
`[limits]` in teken.toml first, or the answers are mostly 429 (they are counted in the last column). Signing is bounded
by Argon2id: the passphrase is opened once a request, on purpose slowly (64 MiB, three passes).
"""

import argparse
import json
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from api.first_start import settings_in

Call = Callable[[httpx.Client], httpx.Response]


def main() -> None:
    """Print one table."""
    arguments = _arguments()
    folder = arguments.data / "demonstration"
    url = settings_in(arguments.data).server.public_url if arguments.url is None else arguments.url
    signed = (folder / "surat-contoh.pdf").read_bytes()
    token = json.loads((folder / "letter.json").read_text(encoding="utf-8"))["token"]
    calls: dict[str, Call] = {
        "GET /healthz": lambda client: client.get("/healthz"),
        "GET /v/{code} (validated each time)": lambda client: client.get(f"/v/{token}"),
        "POST /v1/verifications (letter)": lambda client: client.post(
            "/v1/verifications", content=signed, headers={"Content-Type": "application/pdf"}
        ),
        "POST /v1/signatures (B-LT, stamp)": signing_call(url, folder, signed),
    }
    print(f"{arguments.callers} callers, {arguments.seconds} s each\n")
    print("| request | per second | median ms | p95 ms | other answers |\n| --- | ---: | ---: | ---: | ---: |")
    for name, call in calls.items():
        print(_row(name, *_run(url, call, arguments.callers, arguments.seconds)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("data"), help="data folder of the running service")
    parser.add_argument("--url", help="its address, where it is not the one in teken.toml (loopback only)")
    parser.add_argument("--callers", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=5.0)
    return parser.parse_args()


def signing_call(url: str, folder: Path, document: bytes, *, accept: str = "application/pdf") -> Call:
    """Signs `document` as the demonstration's application does; `folder` holds its secret and request."""
    client_id, secret = (folder / "client").read_text(encoding="utf-8").strip().split(":")
    answer = httpx.post(f"{url}/oauth2/token", data={"grant_type": "client_credentials"}, auth=(client_id, secret))
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}", "Accept": accept}
    request = (folder / "request.json").read_bytes()

    def call(client: httpx.Client) -> httpx.Response:
        files = {"document": ("a.pdf", document, "application/pdf"), "request": (None, request, "application/json")}
        return client.post("/v1/signatures", headers=headers, files=files)

    return call


def _run(url: str, call: Call, callers: int, seconds: float) -> tuple[list[float], int, float]:
    """Durations of the good answers (s), number of the others, and how long it all took (s)."""
    durations: list[float] = []
    others = [0]
    start = time.perf_counter()

    def keep_calling() -> None:
        with httpx.Client(base_url=url, timeout=60) as client:
            while time.perf_counter() - start < seconds:
                before = time.perf_counter()
                if call(client).is_success:
                    durations.append(time.perf_counter() - before)
                else:
                    others[0] += 1

    threads = [threading.Thread(target=keep_calling) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return durations, others[0], time.perf_counter() - start


def _row(name: str, durations: list[float], others: int, wall: float) -> str:
    if len(durations) < 2:
        return f"| {name} | – | – | – | {others} |"
    median, p95 = statistics.median(durations) * 1000, statistics.quantiles(durations, n=20)[-1] * 1000
    return f"| {name} | {len(durations) / wall:.0f} | {median:.0f} | {p95:.0f} | {others} |"


if __name__ == "__main__":
    main()
