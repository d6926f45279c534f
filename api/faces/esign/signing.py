"""v1's signing and its download. Each handler translates, calls, translates; no rule is known here."""

import re
from base64 import b64encode
from datetime import timedelta, timezone
from functools import partial
from typing import Any, Final

from litestar import Controller, Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from api.bodies import Intake
from api.downloads import streamed
from api.esign.build import Esign
from api.faces.esign.bodies import Reading, Received
from api.faces.esign.by_secret import signed
from api.faces.esign.caller import EsignCaller
from api.faces.esign.errors import FILE_GONE, EsignRefused
from api.faces.esign.handing_over import handed_over
from api.faces.esign.moments import local_time
from api.faces.esign.persons import nik_of, require_may_sign
from api.faces.esign.running import within_hard_stop
from api.faces.esign.sign_v1 import NAMES, kind_of, signing_task_of, wants_base64
from api.faces.esign.sign_v2 import code_of
from api.framing import HEAD
from api.letters.once import key_of
from api.metrics import Metrics
from api.permissions import Permission
from api.services import Services
from signer.gateway import Answered

Asked = Request[EsignCaller, Any, Any]

_PRIVATE: Final = {"Cache-Control": "private, no-store"}
_UNFIT: Final = re.compile("[^A-Za-z0-9._-]+")
_LONGEST_NAME: Final = 100


class SignV1Controller(Controller):
    """The calls that most applications make."""

    path = "/sign"

    @post("/pdf", operation_id="GatewaySignV1", status_code=200)
    async def sign(
        self,
        request: Asked,
        services: NamedDependency[SkipValidation[Services]],
        esign: NamedDependency[SkipValidation[Esign]],
        signing_intake: NamedDependency[SkipValidation[Intake]],
        metrics: NamedDependency[SkipValidation[Metrics]],
    ) -> Response[Any]:
        """Sign one PDF."""
        key, reading = key_of(request.headers), Reading(signing_intake, request)
        received = await reading.fields(NAMES)
        work = partial(_sign, services, esign, metrics, request.user, received, key=key)
        answered = await within_hard_stop(work, after=reading.give_back)
        headers = _headers(services, answered, received.name)
        if not wants_base64(received):
            return streamed(answered.document, headers)
        encoded = b64encode(answered.document.content()).decode()
        return Response({"id_dokumen": answered.id, "base64_signed_file": encoded}, headers=headers)

    @get("/download/{document:str}", operation_id="GatewayDownload")
    async def download(
        self,
        request: Asked,
        services: NamedDependency[SkipValidation[Services]],
        esign: NamedDependency[SkipValidation[Esign]],
        document: FromPath[str],
    ) -> Response[Any]:
        """A signed PDF, once."""
        user_name = request.user.credential.user_name
        found = await sync_to_thread(esign.calls.find, document, user_name)
        answered = None if found is None else await sync_to_thread(esign.calls.of, found)
        if found is None or answered is None:
            raise EsignRefused("Berkas tidak ditemukan atau sudah diunduh.", status=404, code=FILE_GONE)
        headers = _headers(services, answered, None)
        if request.scope["state"].get(HEAD):
            return streamed(answered.document, headers)
        return handed_over(answered.document, headers, partial(esign.calls.fetched, found))


def _sign(
    services: Services, esign: Esign, metrics: Metrics, caller: EsignCaller, received: Received, *, key: str | None
) -> Answered:
    """The call carried out, or the answer of the same one before it; in a thread."""
    credential, settings = caller.credential, services.settings
    if Permission.SIGNATURE_CREATE not in credential.scopes:
        raise EsignRefused("Aplikasi ini tidak diizinkan menandatangani.", status=403)
    wants_base64(received)
    official = esign.signers.by_nik(nik_of(received.text("nik")))
    task = signing_task_of(
        received,
        credential,
        require_may_sign(official, esign.signers),
        settings.signing.level_for(kind_of(received, credential)),
        default=settings.esign.mark_points,
    )
    passphrase, code = received.texts.get("passphrase", ""), code_of(received.text)
    if not passphrase:
        esign.examine(task)  # before a code is used up for it
    (answered,) = signed(services, esign, metrics, credential, [task], passphrase=passphrase, code=code, key=key)
    return answered


def _headers(services: Services, answered: Answered, name: str | None) -> dict[str, str]:
    """What goes with each signed PDF."""
    zone = timezone(timedelta(hours=services.settings.esign.utc_offset_hours))
    outcome, intent = answered.record.outcome, answered.record.intent
    told = {
        **_PRIVATE,
        "id_dokumen": answered.id,
        "signing_time": local_time(outcome.at if outcome is not None else intent.reserved_at, zone),
        "Content-Disposition": f'attachment; filename="{_file_name(name)}"',
    }
    return told if answered.note is None else {**told, "X-Teken-Tag": answered.note}


def _file_name(claimed: str | None) -> str:
    """A client's name for its file, as far as it is one for every system."""
    stem = _UNFIT.sub("-", (claimed or "").rpartition("/")[2].removesuffix(".pdf")).strip("-.")[:_LONGEST_NAME]
    return f"{stem or 'dokumen'}.pdf"
