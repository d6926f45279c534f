"""What everybody may read of procurement: each signed or sealed paper, by package, with its page at Teken."""

from collections.abc import Mapping
from typing import Any, Final

from eoffice.compose import Office
from eoffice.model import Paper, PaperState, Record, Secrecy

NAME: Final = "procurement"
_LINE: Final = "line"
_SHOWN: Final = 200
"""Papers on the list, the newest."""
_STANDING: Final = "standing"
_WITHDRAWN: Final = "withdrawn"


def publish(office: Office, paper: Paper) -> None:
    """Put a paper on the list once everybody has signed; one that is withdrawn stays, and says so. What is not
    ordinary (*biasa*) is never on it."""
    if paper.secrecy is not Secrecy.BIASA or paper.code is None:
        return
    at = office.now()
    line, _ = office.records.add_once(
        Record(
            id=office.new_id(),
            feature=NAME,
            kind=_LINE,
            key=paper.id,
            agency_id=paper.agency_id,
            state=_STANDING,
            data={
                "package": paper.form["package"].upper(),
                "title": paper.form["title"],
                "kind": paper.kind,
                "number": paper.number,
                "subject": paper.subject,
                "page": paper.page,
            },
            day=paper.dated,
            paper_id=paper.id,
            created_at=at,
            changed_at=at,
        )
    )
    if paper.state is PaperState.WITHDRAWN and line.state != _WITHDRAWN:
        office.records.change(line.id, version=line.version, state=_WITHDRAWN, at=at)


def open_list(office: Office) -> Mapping[str, Any]:
    """Packages, that with the newest paper first; each with its papers in order."""
    packages: dict[tuple[str, str], list[Record]] = {}
    for line in office.records.listed(NAME, _LINE, limit=_SHOWN):
        packages.setdefault((line.agency_id, line.data["package"]), []).insert(0, line)
    titles = {each.name: each.title for each in office.service.features[NAME].kinds}
    return {
        "packages": [
            {"code": code, "title": lines[-1].data["title"], "agency": agency, "lines": lines}
            for (agency, code), lines in packages.items()
        ],
        "agencies": office.service.directory().agencies,
        "titles": titles,
    }
