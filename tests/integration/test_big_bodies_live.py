"""A body far beyond the limit is refused while it is still being sent, and never lies in memory."""

from collections.abc import Iterator

import httpx
import pytest

from tests.support.problems import require_page, require_problem
from tests.support.service import RunningService

MIB = 1024 * 1024
HUGE = 400 * MIB
PDF = {"Content-Type": "application/pdf"}


class Endless:
    """A body that is made while it is sent, and knows how much of it was taken."""

    def __init__(self, head: bytes = b"") -> None:
        self._head = head
        self.sent = 0

    def __iter__(self) -> Iterator[bytes]:
        yield self._head
        while self.sent < HUGE:
            self.sent += MIB
            yield bytes(MIB)


FORM_HEAD = b'--b\r\nContent-Disposition: form-data; name="document"; filename="a.pdf"\r\n\r\n'
FORM = {"Content-Type": "multipart/form-data; boundary=b"}


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/v1/signatures", "raw"),
        ("/v1/signatures", "form"),
        ("/v1/verifications", "raw"),
        ("/v1/verifications", "form"),
        ("/", "form"),
    ],
)
def test_a_body_of_400_mib_is_refused_early_and_costs_little_memory(
    service: RunningService, path: str, shape: str, announced: bool
) -> None:
    body = Endless(FORM_HEAD if shape == "form" else b"%PDF-1.7\n")
    headers = {**service.bearer(), **(FORM if shape == "form" else PDF)}
    if announced:
        headers["Content-Length"] = str(HUGE + MIB)
    before = service.memory()
    with httpx.Client(base_url=service.url, timeout=60, trust_env=False) as http:
        answer = http.post(path, content=body, headers=headers)
    if path == "/":
        require_page(answer, 413, "Berkas terlalu besar")
    else:
        require_problem(answer, 413, "body-too-large", "document", "too-large")
    assert body.sent < HUGE / 2
    assert service.memory() - before < 150 * MIB
