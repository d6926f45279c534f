"""What every refusal has to have, for machines and for people."""

import httpx


def require_problem(
    answer: httpx.Response, status: int, slug: str, field: str | None = None, reason: str | None = None
) -> None:
    """Problem details (RFC 9457) with everything that a caller needs to go on."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    told = (answer.status_code, body["type"], body.get("field"), body.get("reason"))
    assert told == (status, f"/problems/{slug}", field, reason)
    assert body["title"]
    assert body["nextStep"]
    assert body["requestId"] == answer.headers["x-request-id"]


def require_page(answer: httpx.Response, status: int, headline: str) -> None:
    """A page in both languages that says what to do now."""
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert f"<title>{headline} · Teken</title>" in answer.text
    assert '<html lang="id">' in answer.text
    assert 'lang="en"' in answer.text
    assert 'class="next"' in answer.text
