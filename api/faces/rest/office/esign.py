"""API credentials of the gateway under `/api`, for administrators."""

from typing import Final

from litestar import Controller
from litestar.params import FromPath

import signer.errors
from api.faces.rest.declaring import Cursor, Limit
from api.faces.rest.office.esign_body import (
    EsignCredentialBody,
    EsignCredentialChange,
    EsignCredentialPage,
    EsignCredentialRequest,
    EsignPasswordBody,
)
from api.faces.rest.office.visit import Visiting, acts, reads
from api.faces.rest.office.wire import cursor_of, place_of
from api.faces.rest.office.words import PAGE
from api.permissions import Permission
from api.problems import PROBLEMS

_MANAGE: Final = Permission.ESIGN_MANAGE
_UNKNOWN: Final = PROBLEMS[signer.errors.ApiCredentialUnknown]
_REFUSED: Final = PROBLEMS[signer.errors.ApiCredentialRefused]
_ASKED: Final = {"userName": "e-office", "client": "e-office", "networks": ["192.0.2.0/24"]}
_PASSWORD: Final = {"userName": "e-office", "password": "told-once"}
_ONE: Final = {
    **_ASKED,
    "description": "",
    "enabled": True,
    "kind": None,
    "unstatedKinds": True,
    "geometry": "auto",
    "certifiedOnly": False,
    "codes": False,
    "createdAt": "2026-11-21T04:00:00Z",
}


class EsignCredentialController(Controller):
    """That one exists is an administrator's consent that its application passes passphrases on."""

    path = "/esign-credentials"
    tags = ["esign-credentials"]  # noqa: RUF012 - the framework's way

    @acts(
        "/",
        "AddEsignCredential",
        _MANAGE,
        takes=EsignCredentialRequest,
        gives=EsignPasswordBody,
        status=201,
        at="/v1/esign-credentials/{0.user_name}",
        fails=(_REFUSED,),
        sends=_ASKED,
        shows=_PASSWORD,
        tells_secret=True,
    )
    def add(self, visit: Visiting[EsignCredentialRequest]) -> EsignPasswordBody:
        """A new API credential for an application; the password is told once"""
        asked = visit.brought
        return EsignPasswordBody.of(visit.people.esign.add(visit.caller, asked.user_name, asked.client, asked.terms))

    @reads(
        "/",
        "ListEsignCredentials",
        _MANAGE,
        gives=EsignCredentialPage,
        query=PAGE,
        shows={"items": [_ONE], "next": None},
    )
    def list(self, visit: Visiting[None], cursor: Cursor = None, limit: Limit = 50) -> EsignCredentialPage:
        """Every API credential, by user name"""
        place = place_of(cursor, tuple[str])
        found = visit.people.esign.all(visit.caller, after=place[0] if place else "", limit=limit)
        following = cursor_of((found[-1].user_name,)) if len(found) == limit else None
        return EsignCredentialPage(items=[EsignCredentialBody.of(each) for each in found], next=following)

    @reads("/{name:str}", "GetEsignCredential", _MANAGE, gives=EsignCredentialBody, fails=(_UNKNOWN,), shows=_ONE)
    def read(self, visit: Visiting[None], name: FromPath[str]) -> EsignCredentialBody:
        """One API credential"""
        return EsignCredentialBody.of(visit.people.esign.get(visit.caller, name))

    @acts(
        "/{name:str}",
        "ChangeEsignCredential",
        _MANAGE,
        takes=EsignCredentialChange,
        gives=EsignCredentialBody,
        fails=(_UNKNOWN, _REFUSED),
        sends={"enabled": False},
        shows=_ONE | {"enabled": False},
        unless_changed=True,
        method="patch",
    )
    def change(self, visit: Visiting[EsignCredentialChange], name: FromPath[str]) -> EsignCredentialBody:
        """Other terms, or switched on or off"""
        asked, unchanged = visit.brought, visit.unchanged(EsignCredentialBody.of)
        return EsignCredentialBody.of(
            visit.people.esign.change(visit.caller, name, asked.terms, asked.enabled, unchanged)
        )

    @acts(
        "/{name:str}/password",
        "RotateEsignPassword",
        _MANAGE,
        gives=EsignPasswordBody,
        status=201,
        at="/v1/esign-credentials/{0.user_name}",
        fails=(_UNKNOWN,),
        shows=_PASSWORD,
        tells_secret=True,
    )
    def rotate(self, visit: Visiting[None], name: FromPath[str]) -> EsignPasswordBody:
        """Another password, told once; the one of before is good no more"""
        return EsignPasswordBody.of(visit.people.esign.rotate(visit.caller, name))

    @acts(
        "/{name:str}",
        "RemoveEsignCredential",
        _MANAGE,
        gives=EsignCredentialBody,
        fails=(_UNKNOWN,),
        shows=_ONE,
        method="delete",
    )
    def remove(self, visit: Visiting[None], name: FromPath[str]) -> EsignCredentialBody:
        """Forget it; what was signed with it stays"""
        return EsignCredentialBody.of(visit.people.esign.remove(visit.caller, name))
