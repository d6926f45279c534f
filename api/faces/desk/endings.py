"""How a request ended, on a page; and how far a batch is that was consented to."""

from typing import Any, Final

from litestar import Response

from api.faces.desk.visit import Visit
from api.faces.desk.wording import ENDINGS, failure_in_words
from api.pages.text import Text
from signer.activation import ActivationKind, ActivationRequest, ActivationState
from signer.errors import ActivationRefused

_STATUS: Final = {
    "unknown": 404,
    "other-session": 409,
    "incomplete": 409,
    "over": 410,
    "client": 400,
    "redirect": 400,
    "request-uri": 400,
    "too-long": 414,
}
_MOST_FAILED: Final = 100


def refused_ending(visit: Visit, refused: ActivationRefused, asked: ActivationRequest | None) -> Response[Any]:
    """Of a request that cannot be decided (any more)."""
    if refused.reason == "not-open":
        state = "expired" if asked is None or asked.state is ActivationState.PENDING else asked.state.value
        return ending(visit, state)
    return ending(visit, refused.reason)


def ending(visit: Visit, word: str, asked: ActivationRequest | None = None, *, link: str = "") -> Response[Any]:
    """Its page; of a batch that was granted, how far it is."""
    if asked is not None and word == "granted" and asked.kind is ActivationKind.BATCH:
        return progress(visit, asked, link=link)
    title, sentence, tone, icon = ENDINGS[word]
    return visit.show(
        "ending.html",
        status=_STATUS.get(word, 200),
        title=title,
        sentence=sentence,
        tone=tone,
        icon_name=icon,
        documents=() if asked is None or word != "granted" else asked.chosen,
    )


def progress(visit: Visit, asked: ActivationRequest, *, link: str, error: Text | None = None) -> Response[Any]:
    """How far a batch is that was consented to; nothing of it is lost with the tab."""
    found = visit.doors.progress(asked)
    if found is None:
        return ending(visit, "unknown")
    return visit.show(
        "progress.html",
        error=error,
        link=link,
        client=visit.doors.client_name(asked.client_id),
        found=found,
        failed=[(each, failure_in_words(word)) for each, word in found.failed[:_MOST_FAILED]],
        left_out=len(asked.documents) - len(asked.chosen),
    )
