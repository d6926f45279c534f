"""v2's calls about an organisation's seal: activation, code, sealing. The seal is named by its id, `idSubscriber`."""

from collections.abc import Callable, Mapping
from typing import Any

from litestar import Controller, Response, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from api.bodies import Intake
from api.esign.build import Esign
from api.esign.sealing import GatewaySeals
from api.faces.esign.bodies import plain_text, small_object
from api.faces.esign.errors import EsignRefused
from api.faces.esign.moments import expiry
from api.faces.esign.several import PRIVATE, Asked, carried_out, require_scope, tasks_of
from api.faces.esign.sign_v2 import Ordered, code_of, count_of
from api.services import Services
from signer.api_credentials import ApiCredential
from signer.gateway import Answered
from signer.model import Secret
from signer.seal_codes import MadeCode


class SealController(Controller):
    """An organisation's seal, by the id of the seal (`idSubscriber`)."""

    path = "/v2/seal"

    @post("/get/activation", operation_id="GatewaySealActivation", status_code=200)
    async def activation(
        self,
        request: Asked,
        esign: NamedDependency[SkipValidation[Esign]],
        signing_intake: NamedDependency[SkipValidation[Intake]],
    ) -> Response[dict[str, Any]]:
        """An activation by mail to the seal's keeper; with the one of today, another one in the answer."""
        body = await small_object(signing_intake, request)
        seals, who, address = _sealing(request, esign)
        subscriber, code = _subscriber(body), code_of(_texts(body))
        if code is None:
            await sync_to_thread(seals.activate, who, address, subscriber)
            return _done("Kode aktivasi telah dikirim ke surel pengelola segel.")
        made = await sync_to_thread(seals.refresh, who, address, subscriber, code)
        return _done("Aktivasi diperbarui.", _made("Aktivasi segel diperbarui.", made))

    @post("/revoke/activation", operation_id="GatewaySealRevoke", status_code=200)
    async def revoke(
        self,
        request: Asked,
        esign: NamedDependency[SkipValidation[Esign]],
        signing_intake: NamedDependency[SkipValidation[Intake]],
    ) -> Response[dict[str, Any]]:
        """End the activation of today."""
        body = await small_object(signing_intake, request)
        seals, who, _ = _sealing(request, esign)
        await sync_to_thread(seals.revoke, who, _subscriber(body), _code(body))
        return _done("Aktivasi segel dicabut.")

    @post("/get/totp", operation_id="GatewaySealCode", status_code=200)
    async def code(
        self,
        request: Asked,
        services: NamedDependency[SkipValidation[Services]],
        esign: NamedDependency[SkipValidation[Esign]],
        signing_intake: NamedDependency[SkipValidation[Intake]],
    ) -> Response[dict[str, Any]]:
        """A code for one call over so many files, in the answer."""
        body = await small_object(signing_intake, request)
        seals, who, address = _sealing(request, esign)
        files = count_of(body.get("data"), services.settings.esign.files_at_once)
        made = await sync_to_thread(seals.sealing_code, who, address, _subscriber(body), _code(body), files)
        return Response(_made("Kode segel dibuat.", made), headers=PRIVATE)

    @post("/pdf", operation_id="GatewaySeal", status_code=200)
    async def seal(
        self,
        request: Asked,
        services: NamedDependency[SkipValidation[Services]],
        esign: NamedDependency[SkipValidation[Esign]],
        signing_intake: NamedDependency[SkipValidation[Intake]],
    ) -> Response[dict[str, Any]]:
        """Seal one or more PDFs."""
        seals, who, address = _sealing(request, esign)

        def work(order: Ordered, body: Mapping[str, Any]) -> list[Answered]:
            subscriber, code = _subscriber(body), _code(body)
            tasks = tasks_of(services, esign, who, order, seals.credential_of(subscriber))
            return seals.seal(who, address, tasks, code)

        return await carried_out(request, services, signing_intake, work)


def _sealing(request: Asked, esign: Esign) -> tuple[GatewaySeals, ApiCredential, str]:
    who = request.user.credential
    require_scope(who)
    if esign.seals is None:
        raise EsignRefused("Layanan sedang tidak tersedia; coba lagi nanti.", status=503, headers={"Retry-After": "60"})
    return esign.seals, who, "" if request.client is None else request.client.host


def _texts(body: Mapping[str, Any]) -> Callable[[str], str]:
    return lambda name: (plain_text(body.get(name)) or "").strip()


def _subscriber(body: Mapping[str, Any]) -> str:
    subscriber = _texts(body)("idSubscriber")
    if not subscriber:
        raise EsignRefused("Id segel wajib diisi (idSubscriber).")
    return subscriber


def _code(body: Mapping[str, Any]) -> Secret:
    code = code_of(_texts(body))
    if code is None:
        raise EsignRefused("Kode wajib diisi (totp).")
    return code


def _done(message: str, data: dict[str, Any] | None = None) -> Response[dict[str, Any]]:
    return Response({"success": True, "message": message, "data": data}, headers=PRIVATE)


def _made(message: str, made: MadeCode) -> dict[str, Any]:
    return {"message": message, "totp": made.text.reveal(), "expires": expiry(made.code.expires_at), "result": True}
