"""Officials from a file: sent, approved by a second person, taken in portion by portion."""

from typing import Annotated, Final

from litestar import Controller
from litestar.params import FromPath, QueryParameter

import signer.errors
from api.faces.rest.office.import_body import ImportBody, ImportStep, IntakeBody
from api.faces.rest.office.visit import Visiting, acts, reads, takes_file
from api.faces.rest.office.words import APPROVAL, FILE_NAME
from api.permissions import Permission
from api.problems import NOT_FOUND, PROBLEMS
from signer.bulk.model import TableLimits

CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_REFUSED: Final = (PROBLEMS[signer.errors.ImportRefused], NOT_FOUND)
_PROGRESS: Final = {
    "id": "mzxw6ytboi6mzxw6",
    "file": "pejabat.xlsx",
    "startedAt": "2026-11-21T04:00:00Z",
    "rows": 300,
    "open": 100,
    "states": {"registered": 199, "failed": 1, "waiting": 100},
    "failed": [{"row": 17, "reason": "signatory_id: no-credential"}],
}
_INTAKE: Final = {
    "id": None,
    "rows": 300,
    "approval": None,
    "errors": 1,
    "findings": [
        {"row": 17, "column": "surel", "code": "email", "id": "Bukan alamat surel.", "en": "This is no e-mail address."}
    ],
}


class ImportController(Controller):
    """The same file again is the same import; a second person approves it as a whole."""

    path = "/imports"
    tags = ["registrations"]  # noqa: RUF012 - the framework's way

    @takes_file(
        "/",
        "ImportOfficials",
        Permission.REGISTRATION_CREATE,
        types=(CSV, XLSX),
        most=TableLimits().bytes,
        gives=IntakeBody,
        fails=_REFUSED,
        query=FILE_NAME,
        shows=_INTAKE,
    )
    def take_in(
        self, visit: Visiting[bytes], name: Annotated[str, QueryParameter(min_length=1, max_length=100)] = "file"
    ) -> IntakeBody:
        """Check a file whole; one without errors is kept until a second person approves it"""
        return IntakeBody.of(visit.people.imports.take_in(visit.caller, name, visit.brought))

    @reads("/{batch:str}", "GetImport", Permission.REGISTRATION_READ, gives=ImportBody, fails=_REFUSED, shows=_PROGRESS)
    def read(self, visit: Visiting[None], batch: FromPath[str]) -> ImportBody:
        """How far an import has come, and the rows that were refused"""
        return ImportBody.of(*visit.people.imports.progress(visit.caller, batch))

    @acts(
        "/{batch:str}/portions",
        "GoOnWithImport",
        Permission.REGISTRATION_CREATE,
        takes=ImportStep,
        gives=ImportBody,
        fails=(*_REFUSED, *APPROVAL),
        sends={"approval": "0123456789abcdef0123456789abcdef"},
        shows={**_PROGRESS, "failed": []},
    )
    def go_on(self, visit: Visiting[ImportStep], batch: FromPath[str]) -> ImportBody:
        """Take the next rows of an approved import in; ask again until none is open, also after a crash"""
        return ImportBody.of(visit.people.imports.go_on(visit.caller, batch, approval_id=visit.brought.approval))
