"""API credentials of the e-sign gateway: made, changed, switched off, given another password, removed."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from litestar import Controller, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery, URLEncodedBody

from api.faces.console.clients import ActForm
from api.faces.console.machine_words import GATEWAY_REFUSALS, GEOMETRIES
from api.faces.console.visit import Visit, Visits, to
from api.pages.tables import csv_answer
from api.pages.text import Text
from signer.api_credentials import ApiCredential, GeometryReading, Terms
from signer.errors import ApiCredentialRefused, ApiCredentialUnknown

GATEWAY: Final = "/console/gateway"
_PAGE: Final = 50
_FILE: Final = 5000
_HEADINGS: Final = ("nama_pengguna", "aplikasi", "keadaan", "jaringan", "keterangan", "dibuat")
_INPUTS: Final = {"userName": "user_name", "clientId": "client_id", "networks": "networks", "kind": "kind"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialForm:
    """What an administrator decides about one. Lists are written one a line."""

    csrf: str = ""
    user_name: str = ""
    client_id: str = ""
    description: str = ""
    networks: str = ""
    kind: str = ""
    unstated_kinds: str = ""
    geometry: str = GeometryReading.AUTO.value
    certified_only: str = ""
    codes: str = ""

    def terms(self) -> Terms:
        """Raises `ApiCredentialRefused` for a reading that there is not."""
        try:
            geometry = GeometryReading(self.geometry)
        except ValueError:
            raise ApiCredentialRefused("There is no such reading.", field="geometry", reason="unknown") from None
        return Terms(
            description=" ".join(self.description.split()),
            networks=[line.strip() for line in self.networks.splitlines() if line.strip()],
            kind=self.kind.strip(),
            unstated_kinds=bool(self.unstated_kinds),
            geometry=geometry,
            certified_only=bool(self.certified_only),
            codes=bool(self.codes),
        )


class GatewayController(Controller):
    """For administrators."""

    include_in_schema = False

    @get(GATEWAY, sync_to_thread=True)
    def page(self, visit: Visits, after: FromQuery[str] = "", format: FromQuery[str] = "") -> Response[Any]:
        """By user name."""
        credentials = visit.doors.people.esign
        if format == "csv":
            found = credentials.all(visit.caller, limit=_FILE)
            return csv_answer("kredensial-gerbang.csv", _HEADINGS, map(_cells, found))
        found = credentials.all(visit.caller, after=after, limit=_PAGE)
        return visit.show(
            "gateway.html",
            credentials=found,
            first=not after,
            next_page=f"{GATEWAY}?after={quote(found[-1].user_name)}" if len(found) == _PAGE else None,
            csv=f"{GATEWAY}?format=csv",
        )

    @get(f"{GATEWAY}/new", sync_to_thread=True)
    def blank(self, visit: Visits, client: FromQuery[str] = "") -> Response[Any]:
        """The form for a new one."""
        visit.doors.people.esign.all(visit.caller, limit=1)  # asks for the right to it
        return _form(visit, CredentialForm(client_id=client[:64], unstated_kinds="1"))

    @post(GATEWAY, status_code=200, sync_to_thread=True)
    def add(self, visit: Visits, data: URLEncodedBody[CredentialForm]) -> Response[Any]:
        """Its password is in the answer, and nowhere else."""
        caller = visit.own(data.csrf)
        try:
            made = visit.doors.people.esign.add(caller, data.user_name.strip(), data.client_id.strip(), data.terms())
        except ApiCredentialRefused as refused:
            return _form(visit, data, refused=refused)
        return visit.show("gateway_told.html", credential=made.credential, password=made.password.reveal(), is_new=True)

    @get(f"{GATEWAY}/{{name:str}}", sync_to_thread=True)
    def one(self, visit: Visits, name: FromPath[str]) -> Response[Any]:
        """What holds for it, as a form."""
        credential = _known(visit, name)
        return _form(visit, _form_of(credential), credential=credential)

    @post(f"{GATEWAY}/{{name:str}}", status_code=200, sync_to_thread=True)
    def change(self, visit: Visits, name: FromPath[str], data: URLEncodedBody[CredentialForm]) -> Response[Any]:
        """Other terms, from now on."""
        caller, credential = visit.own(data.csrf), _known(visit, name)
        try:
            visit.doors.people.esign.change(caller, credential.user_name, data.terms(), None)
        except ApiCredentialRefused as refused:
            return _form(visit, data, credential=credential, refused=refused)
        return to(_path(credential))

    @post(f"{GATEWAY}/{{name:str}}/on", status_code=200, sync_to_thread=True)
    def switch_on(self, visit: Visits, name: FromPath[str], data: URLEncodedBody[ActForm]) -> Response[Any]:
        """Good again."""
        return _switched(visit, name, data, enabled=True)

    @post(f"{GATEWAY}/{{name:str}}/off", status_code=200, sync_to_thread=True)
    def switch_off(self, visit: Visits, name: FromPath[str], data: URLEncodedBody[ActForm]) -> Response[Any]:
        """Good no more, until somebody switches it on."""
        return _switched(visit, name, data, enabled=False)

    @post(f"{GATEWAY}/{{name:str}}/password", status_code=200, sync_to_thread=True)
    def rotate(self, visit: Visits, name: FromPath[str], data: URLEncodedBody[ActForm]) -> Response[Any]:
        """Another password, told in the answer; the one of before is good no more."""
        caller, credential = visit.own(data.csrf), _known(visit, name)
        visit.confirmed(_path(credential))
        made = visit.doors.people.esign.rotate(caller, credential.user_name)
        return visit.show(
            "gateway_told.html", credential=made.credential, password=made.password.reveal(), is_new=False
        )

    @post(f"{GATEWAY}/{{name:str}}/remove", status_code=200, sync_to_thread=True)
    def remove(self, visit: Visits, name: FromPath[str], data: URLEncodedBody[ActForm]) -> Response[Any]:
        """For good."""
        caller, credential = visit.own(data.csrf), _known(visit, name)
        visit.confirmed(_path(credential))
        visit.doors.people.esign.remove(caller, credential.user_name)
        return to(GATEWAY)


def _switched(visit: Visit, name: str, data: ActForm, *, enabled: bool) -> Response[Any]:
    caller, credential = visit.own(data.csrf), _known(visit, name)
    visit.doors.people.esign.change(caller, credential.user_name, Terms(), enabled)
    return to(_path(credential))


def _form(
    visit: Visit,
    form: CredentialForm,
    *,
    credential: ApiCredential | None = None,
    refused: ApiCredentialRefused | None = None,
) -> Response[Any]:
    error = None
    if refused is not None:
        error = GATEWAY_REFUSALS.get(refused.reason, Text("Bagian ini belum benar.", str(refused)))
    return visit.show(
        "gateway_one.html",
        error=error,
        error_at=None if refused is None else _INPUTS.get(refused.field, "user_name"),
        form=form,
        credential=credential,
        geometries=GEOMETRIES,
        is_confirmed=visit.session.confirmed(visit.doors.now()),
    )


def _known(visit: Visit, name: str) -> ApiCredential:
    try:
        return visit.doors.people.esign.get(visit.caller, name)
    except ApiCredentialUnknown:
        raise HTTPException(status_code=404) from None


def _path(credential: ApiCredential) -> str:
    return f"{GATEWAY}/{quote(credential.user_name)}"


def _form_of(credential: ApiCredential) -> CredentialForm:
    return CredentialForm(
        user_name=credential.user_name,
        client_id=credential.client_id,
        description=credential.description,
        networks="\n".join(credential.networks),
        kind=credential.kind or "",
        unstated_kinds="1" if credential.unstated_kinds else "",
        geometry=credential.geometry.value,
        certified_only="1" if credential.certified_only else "",
        codes="1" if credential.codes else "",
    )


def _cells(credential: ApiCredential) -> tuple[str, ...]:
    return (
        credential.user_name,
        credential.client_id,
        "on" if credential.enabled else "off",
        " ".join(credential.networks),
        credential.description,
        credential.created_at.isoformat(),
    )
