"""Where one can go in the console, in one table. A line is hidden from who may not; the page refuses anyway."""

from dataclasses import dataclass
from enum import Enum

from api.pages.text import Text
from api.permissions import ROLE_PERMISSIONS, Permission
from signer.people import Role


class Section(Enum):
    """The groups of the menu, in their order."""

    TODAY = Text("Hari ini", "Today")
    PEOPLE = Text("Pejabat dan sertifikat", "Officials and certificates")
    MACHINES = Text("Sistem", "Systems")
    FIGURES = Text("Laporan dan jejak", "Reports and trail")
    OWN = Text("Pengelolaan", "Administration")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One line of the menu."""

    path: str
    words: Text
    icon: str
    """A symbol of `sprite.svg`, without `i-`."""
    section: Section
    permission: Permission | None = None
    """`None`: for every member of staff."""


PLACES: tuple[Place, ...] = (
    Place(path="/console", words=Text("Perlu perhatian", "Needs attention"), icon="note", section=Section.TODAY),
    Place(
        path="/console/fakes",
        words=Text("Laporan dokumen mencurigakan", "Suspicious documents"),
        icon="octagon-minus",
        section=Section.TODAY,
        permission=Permission.LETTER_WITHDRAW,
    ),
    Place(
        path="/console/approvals",
        words=Text("Persetujuan", "Approvals"),
        icon="approve",
        section=Section.TODAY,
        permission=Permission.APPROVAL_READ,
    ),
    Place(
        path="/console/officials",
        words=Text("Pejabat", "Officials"),
        icon="people",
        section=Section.PEOPLE,
        permission=Permission.CREDENTIAL_READ,
    ),
    Place(
        path="/console/registrations",
        words=Text("Pendaftaran", "Registrations"),
        icon="person",
        section=Section.PEOPLE,
        permission=Permission.REGISTRATION_READ,
    ),
    Place(
        path="/console/imports",
        words=Text("Impor", "Import"),
        icon="up",
        section=Section.PEOPLE,
        permission=Permission.REGISTRATION_READ,
    ),
    Place(
        path="/console/certificates",
        words=Text("Sertifikat", "Certificates"),
        icon="certificate",
        section=Section.PEOPLE,
        permission=Permission.CREDENTIAL_READ,
    ),
    Place(
        path="/console/seals",
        words=Text("Segel instansi", "Seals"),
        icon="seal",
        section=Section.PEOPLE,
        permission=Permission.CREDENTIAL_READ,
    ),
    Place(
        path="/console/health",
        words=Text("Kesehatan layanan", "Health"),
        icon="pulse",
        section=Section.MACHINES,
        permission=Permission.OPERATION_READ,
    ),
    Place(
        path="/console/jobs",
        words=Text("Pekerjaan", "Jobs"),
        icon="queue",
        section=Section.MACHINES,
        permission=Permission.JOB_READ,
    ),
    Place(
        path="/console/renewals",
        words=Text("Perpanjangan arsip", "Archive renewals"),
        icon="calendar",
        section=Section.MACHINES,
        permission=Permission.OPERATION_READ,
    ),
    Place(
        path="/console/clients",
        words=Text("Aplikasi", "Applications"),
        icon="plug",
        section=Section.MACHINES,
        permission=Permission.CLIENT_MANAGE,
    ),
    Place(
        path="/console/gateway",
        words=Text("Gerbang e-sign", "e-sign gateway"),
        icon="key",
        section=Section.MACHINES,
        permission=Permission.ESIGN_MANAGE,
    ),
    Place(
        path="/console/webhooks",
        words=Text("Webhook", "Webhooks"),
        icon="webhook",
        section=Section.MACHINES,
        permission=Permission.WEBHOOK_READ,
    ),
    Place(
        path="/console/kinds",
        words=Text("Jenis naskah", "Kinds of letters"),
        icon="list",
        section=Section.MACHINES,
        permission=Permission.KIND_MANAGE,
    ),
    Place(
        path="/console/stamps",
        words=Text("Cap tanda tangan", "Stamps"),
        icon="stamp",
        section=Section.MACHINES,
        permission=Permission.OPERATION_READ,
    ),
    Place(
        path="/console/settings",
        words=Text("Pengaturan", "Settings"),
        icon="gear",
        section=Section.MACHINES,
        permission=Permission.OPERATION_READ,
    ),
    Place(
        path="/console/reports",
        words=Text("Laporan", "Reports"),
        icon="chart",
        section=Section.FIGURES,
        permission=Permission.REPORT_READ,
    ),
    Place(
        path="/console/audit",
        words=Text("Jejak audit", "Audit trail"),
        icon="archive",
        section=Section.FIGURES,
        permission=Permission.AUDIT_READ,
    ),
    Place(
        path="/console/staff",
        words=Text("Petugas", "Staff"),
        icon="people",
        section=Section.OWN,
        permission=Permission.STAFF_MANAGE,
    ),
    Place(path="/console/me", words=Text("Akun saya", "My account"), icon="key", section=Section.OWN),
)
"""Each area adds its lines here, beneath those of its section."""


def menu_of(role: Role, path: str) -> tuple[tuple[Section, tuple[tuple[Place, bool], ...]], ...]:
    """What this role sees, by section; beside each line whether `path` is in it."""
    seen = [each for each in PLACES if each.permission is None or each.permission in ROLE_PERMISSIONS[role]]
    here = max((each.path for each in seen if _within(path, each.path)), key=len, default=None)
    grouped = (
        (section, tuple((each, each.path == here) for each in seen if each.section is section)) for section in Section
    )
    return tuple((section, lines) for section, lines in grouped if lines)


def _within(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}/")
