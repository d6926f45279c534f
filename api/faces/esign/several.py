"""What v2's calls with several files share: the body read, every file examined, all of them answered or none."""

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from litestar import Request, Response

from api.bodies import Intake
from api.esign.build import Esign
from api.faces.esign.bodies import Reading
from api.faces.esign.caller import EsignCaller
from api.faces.esign.errors import EsignRefused, told_of
from api.faces.esign.running import HARD_STOP_SECONDS, within_hard_stop
from api.faces.esign.sign_v2 import Ordered, Wish, ordered
from api.permissions import Permission
from api.services import Services
from api.settings import MIB
from signer.api_credentials import ApiCredential
from signer.errors import DocumentRefused, KindRefused, StampRefused, TextRefused
from signer.gateway import Answered
from signer.model import LetterMetadata, SignatureLevel, SigningTask

Asked = Request[EsignCaller, Any, Any]

BULK_SECONDS: Final = 110
"""Hard stop of a call with several files: the most patient clients give up after 120."""
PRIVATE: Final = {"Cache-Control": "private, no-store"}
_OF_ONE_FILE: Final = (DocumentRefused, KindRefused, StampRefused, TextRefused)


async def carried_out(
    request: Asked,
    services: Services,
    intake: Intake,
    work: Callable[[Ordered, Mapping[str, Any]], Sequence[Answered]],
) -> Response[dict[str, Any]]:
    """What both calls with files share: the body read, the work within its time, every file in the answer."""
    began, own = services.now(), services.settings.esign
    reading = Reading(intake, request)

    def read(body: Mapping[str, Any], hold: Callable[[int], None]) -> tuple[Ordered, Mapping[str, Any]]:
        most = intake.max_document_bytes
        said = ordered(body, hold, most_files=own.files_at_once, most_bytes=most, default=own.mark_points)
        return said, {name: value for name, value in body.items() if name not in ("file", "signatureProperties")}

    order, body = await reading.read(read, most=own.body_mebibytes * MIB)
    seconds = HARD_STOP_SECONDS if len(order.files) == 1 else BULK_SECONDS
    answered = await within_hard_stop(partial(work, order, body), after=reading.give_back, seconds=seconds)
    spent = services.now() - began
    encoded = [b64encode(each.document.content()).decode() for each in answered]
    return Response({"time": int(spent.total_seconds() * 1000), "file": encoded}, headers=PRIVATE)


def tasks_of(
    services: Services, esign: Esign, who: ApiCredential, order: Ordered, credential_id: str
) -> list[SigningTask]:
    """One task a file, each of them examined; raises with the position of the first one that cannot be signed."""
    tasks: list[SigningTask] = []
    for position, (file, wish) in enumerate(zip(order.files, order.wishes, strict=True)):
        task = _task(services, who, file, wish, credential_id=credential_id, kind=order.text("kind") or who.kind)
        with position_named(position, len(order.files), services):
            esign.examine(task)
        tasks.append(task)
    return tasks


def _task(
    services: Services, who: ApiCredential, file: bytes, wish: Wish, *, credential_id: str, kind: str | None
) -> SigningTask:
    if kind is None and not who.unstated_kinds:
        raise EsignRefused("Jenis naskah harus disebutkan (kind).", status=403)
    level = services.settings.signing.level_for(kind)
    return SigningTask(
        document=file,
        credential_id=credential_id,
        client_id=who.client_id,
        # a signature without a timestamp is none in this contract
        level=SignatureLevel.B_T if level is SignatureLevel.B_B else level,
        stamp=wish.stamp,
        reason=wish.reason,
        location=wish.location,
        letter=LetterMetadata(kind=kind),
    )


@contextmanager
def position_named(position: int, count: int, services: Services) -> Iterator[None]:
    """What is wrong with one of several files says which one it is."""
    try:
        yield
    except _OF_ONE_FILE as error:
        if count == 1:
            raise
        told = told_of(error, services.now)
        text = f"Berkas ke-{position + 1}: {told.text}"
        raise EsignRefused(text, status=told.status, code=told.code, headers=told.headers) from None


def require_scope(who: ApiCredential) -> None:
    """Whether its application may have anything signed at all; raises `EsignRefused`."""
    if Permission.SIGNATURE_CREATE not in who.scopes:
        raise EsignRefused("Aplikasi ini tidak diizinkan menandatangani.", status=403)
