"""The e-office against a running service: a letter on its whole way, through outages and refusals."""

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import teken
from eoffice.app import create_app
from eoffice.attachments import attached
from eoffice.compose import Office, compose
from eoffice.errors import NotYours, Refused
from eoffice.model import Agency, Incoming, Paper, PaperState, Person, Role
from eoffice.settings import Settings, TekenSettings
from eoffice.webhook import ring
from litestar.testing import TestClient
from teken.types import Indication, Relation, StandingWord, StepSignature

from tests.support.letters import letter
from tests.support.service import RunningService

pytestmark = pytest.mark.hsm

DRAFTER = Person(id="gede", name="I Gede Contoh", office="Konseptor", agency_id="dinas")
LETTER = {
    "subject": ["Undangan rapat koordinasi"],
    "classification": ["005"],
    "body": ["Mohon hadir."],
    "initials": ["made"],
    "signatory": ["luh"],
    "agencies": ["biro"],
}
DECREES = """
from eoffice.feature import Feature, Field, Input, PaperKind
from eoffice.model import Act, Step
from eoffice.text import Text

FEATURE = Feature(
    name="decrees",
    title=Text("Keputusan", "Decrees"),
    says=Text("Contoh fitur dari luar.", "An example of a feature from elsewhere."),
    kinds=(
        PaperKind(
            name="surat keputusan",
            title=Text("Surat keputusan", "Decree"),
            template="decree.typ",
            fields=(Field(name="signatory", label=Text("Penanda tangan", "Who signs"), input=Input.SIGNATORY),),
            steps=lambda form: [Step(order=1, act=Act.SIGNATURE, person_id=form["signatory"])],
            series="keputusan",
            content=lambda sheet: {},
        ),
    ),
)
"""
DECREE = """#import "@local/office:1.0.0": *
#show: sheet
#strong(data.subject)
"""
NOWHERE = "http://127.0.0.1:9"
"""Where nobody listens."""


@contextmanager
def office_of(
    service: RunningService,
    officials: dict[str, str],
    folder: Path,
    *,
    url: str = "",
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    features: tuple[Path, ...] = (),
    webhook_secret: str = "",
) -> Iterator[Office]:
    """An office in `folder`, whose officials have these credentials at the service."""
    client, secret = service.client
    folder.mkdir(exist_ok=True)
    (folder / "secret").write_text(secret)
    (folder / "webhook").write_text(webhook_secret)
    house = TekenSettings(
        url=url or service.url,
        client=client,
        secret_file=folder / "secret",
        webhook_secret_file=folder / "webhook" if webhook_secret else None,
    )
    with compose(Settings(folder=folder, features=features, teken=house), now=now) as office:
        office.people.put_agency(Agency(id="dinas", name="Dinas Contoh", code="CONTOH", address="Jalan Contoh 1"))
        office.people.put_agency(Agency(id="biro", name="Biro Umum Contoh", code="UMUM", address="Jalan Contoh 2"))
        office.people.put_person(DRAFTER)
        for name, credential in officials.items():
            office.people.put_person(
                Person(id=name, name=f"Pejabat {name}", office="Jabatan", agency_id="dinas", credential=credential)
            )
        yield office


@pytest.fixture(scope="module")
def officials(service: RunningService, second_official: dict[str, str]) -> dict[str, str]:
    """Who initials and who signs: their credentials."""
    return {"luh": service.sign_request["credential"], "made": second_official["credential"]}


@pytest.fixture
def office(service: RunningService, officials: dict[str, str], tmp_path: Path) -> Iterator[Office]:
    with office_of(service, officials, tmp_path / "office") as made:
        made.messenger.listen()  # what other tests did before
        yield made


def released(office: Office, kind: str = "surat undangan", **changed: list[str]) -> Paper:
    paper = office.service.draft(DRAFTER, "letters", kind, {**LETTER, **changed})
    return office.service.release(DRAFTER, paper.id, version=0)


def test_a_letter_goes_out_is_initialled_signed_verified_and_withdrawn(
    office: Office, service: RunningService, second_official: dict[str, str]
) -> None:
    paper = released(office)
    assert office.messenger.carry_one()
    assert not office.messenger.carry_one()
    sent = office.papers.get(paper.id)
    assert sent.state is PaperState.SIGNING
    assert sent.reference is not None

    with teken.Teken(service.url, teken.ClientSecret(*service.client)) as client:
        who = [second_official, service.sign_request]
        for number, each in enumerate(who, start=1):
            signature = StepSignature(credential=each["credential"], passphrase=each["passphrase"])
            client.documents.sign_step(sent.reference, number, signature)
            office.messenger.listen()
            assert office.papers.get(paper.id).progress == number

        signed = office.papers.get(paper.id)
        content = office.files.read(signed.signed or "")
        assert signed.state is PaperState.SIGNED
        assert client.verifications.upload(content).indication is Indication.TOTAL_PASSED
        assert client.verifications.by_digest(signed.signed or "").register.relation is Relation.SAME_BYTES
        assert httpx.get(signed.page or "").status_code == 200

        assert office.messenger.carry_one(), "to the agency that it names"
        (arrived,) = office.letters.page("biro")
        assert (arrived.agenda, arrived.sender, arrived.number) == (1, "Dinas Contoh", signed.number)
        assert (arrived.verdict.passed, arrived.verdict.relation) == (True, "same-bytes")
        assert office.files.read(arrived.sha256) == content
        office.intake.dispatch(signed, content)
        assert office.letters.page("biro") == (arrived,), "it came already"

        office.service.withdraw(DRAFTER, paper.id, note="Tanggal keliru")
        assert office.messenger.carry_one()
        assert office.papers.get(paper.id).state is PaperState.WITHDRAWN
        assert client.letters.standing(signed.code or "").state is StandingWord.WITHDRAWN


def test_what_is_released_while_teken_is_away_waits_and_goes_out_once(
    service: RunningService, officials: dict[str, str], tmp_path: Path
) -> None:
    clock = Clock()
    with office_of(service, officials, tmp_path / "office", url=NOWHERE, now=clock) as office:
        paper = released(office)
        for attempt in (1, 2):
            assert office.messenger.carry_one(), attempt
            assert not office.messenger.carry_one(), "the next attempt is not due yet"
            clock.moves(minutes=10)
        office.messenger.listen()
        assert not office.messenger.reachable
        assert office.papers.get(paper.id).state is PaperState.QUEUED
        assert office.errands.waiting() == 1
    with office_of(service, officials, tmp_path / "office", now=clock) as office:
        assert office.messenger.carry_one()
        assert office.papers.get(paper.id).state is PaperState.SIGNING
        assert documents_of(service, paper) == 1


def test_a_letter_whose_arrival_was_not_noted_is_not_sent_twice(
    service: RunningService, officials: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the process had died between Teken's answer and its own commit."""
    clock = Clock()
    with office_of(service, officials, tmp_path / "office", now=clock) as office:
        paper = released(office)
        with monkeypatch.context() as dying:
            dying.setattr(office.papers, "submitted", _died)
            with pytest.raises(Died):
                office.messenger.carry_one()
        assert office.papers.get(paper.id).state is PaperState.QUEUED
        assert not office.messenger.carry_one(), "it belongs to the dead worker for a while"
        clock.moves(minutes=6)
        assert office.messenger.carry_one()
        assert office.papers.get(paper.id).state is PaperState.SIGNING
        assert documents_of(service, paper) == 1


def test_a_feature_from_elsewhere_and_a_kind_that_is_not_signed_electronically(
    service: RunningService, officials: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "own" / "templates").mkdir(parents=True)
    (tmp_path / "own" / "decrees.py").write_text(DECREES)
    (tmp_path / "own" / "templates" / "decree.typ").write_text(DECREE)
    with office_of(service, officials, tmp_path / "office", features=(tmp_path / "own",)) as office:
        sent = {"subject": ["Keputusan contoh"], "signatory": ["luh"]}
        paper = office.service.draft(DRAFTER, "decrees", "surat keputusan", sent)
        office.service.release(DRAFTER, paper.id, version=0)
        assert office.messenger.carry_one()
        returned = office.papers.get(paper.id)
        assert returned.state is PaperState.RETURNED
        assert "surat keputusan" in (returned.problem or "").lower()
        assert returned.number == f"0001/CONTOH/{returned.dated.year}"
        assert documents_of(service, paper) == 0


def test_a_paper_that_nobody_heard_of_is_asked_after_and_replaced(
    service: RunningService, officials: dict[str, str], tmp_path: Path
) -> None:
    clock, who = Clock(), service.sign_request
    signature = StepSignature(credential=who["credential"], passphrase=who["passphrase"])
    with (
        office_of(service, officials, tmp_path / "office", now=clock) as office,
        teken.Teken(service.url, teken.ClientSecret(*service.client)) as client,
    ):

        def signed(paper: Paper) -> Paper:
            assert office.messenger.carry_one()
            client.documents.sign_step(office.papers.get(paper.id).reference or "", 1, signature)
            office.duties.do_due()
            assert office.papers.get(paper.id).state is PaperState.SIGNING, "too early to ask"
            clock.moves(minutes=61)
            office.duties.do_due()
            return office.papers.get(paper.id)

        earlier = signed(released(office, initials=[], agencies=[]))
        assert earlier.state is PaperState.SIGNED
        newer = office.service.replace(DRAFTER, earlier.id)
        assert signed(office.service.release(DRAFTER, newer.id, version=0)).state is PaperState.SIGNED
        assert office.papers.get(earlier.id).state is PaperState.WITHDRAWN
        assert client.letters.standing(earlier.code or "").state is StandingWord.REPLACED


def test_an_uploaded_document_is_signed_as_it_is(office: Office, service: RunningService) -> None:
    field = next(each for each in office.service.kind("letters", "surat undangan").fields if each.name == "upload")
    file = attached(office.files, field, letter(), "surat.pdf")
    signed, lost = (
        released(office, body=[], upload=[file], initials=[], agencies=[], tag=tag) for tag in ([], ["#tidak-ada"])
    )
    while office.messenger.carry_one():
        pass
    returned = office.papers.get(lost.id)
    assert (returned.state, "tag" in (returned.problem or "")) == (PaperState.RETURNED, True)
    who = service.sign_request
    with teken.Teken(service.url, teken.ClientSecret(*service.client)) as client:
        signature = StepSignature(credential=who["credential"], passphrase=who["passphrase"])
        client.documents.sign_step(office.papers.get(signed.id).reference or "", 1, signature)
        office.messenger.listen()
        content = office.files.read(office.papers.get(signed.id).signed or "")
        assert content.startswith(letter())
        assert client.verifications.upload(content).indication is Indication.TOTAL_PASSED


def test_files_from_outside_are_registered_with_what_teken_says_of_them(
    service: RunningService, officials: dict[str, str], tmp_path: Path
) -> None:
    clerk = Person(id="wayan", name="I Wayan", office="TU", agency_id="biro", roles=frozenset({Role.RECORDS}))
    signed = service.sign(letter()).content
    with office_of(service, officials, tmp_path / "office") as office:
        office.people.put_person(clerk)

        def taken_in(content: bytes) -> Incoming:
            return office.intake.upload(clerk, content, sender="Luar", subject="Surat", number=None, dated=None)

        good, plain, broken = taken_in(signed), taken_in(letter()), taken_in(signed.replace(b"/Type", b"/Typo", 1))
        assert [each.agenda for each in (good, plain, broken)] == [1, 2, 3]
        assert (good.verdict.passed, good.verdict.relation) == (True, "same-bytes")
        assert (plain.verdict.passed, plain.verdict.signers) == (False, ())
        assert not broken.verdict.passed
        assert taken_in(signed).id == good.id
        with pytest.raises(Refused):
            taken_in(b"not a PDF")
        with pytest.raises(NotYours):
            office.intake.upload(DRAFTER, signed, sender="x", subject="y", number=None, dated=None)


def test_a_ring_at_the_door_counts_only_with_the_secret(
    service: RunningService, officials: dict[str, str], tmp_path: Path
) -> None:
    secret = "whsec_" + base64.b64encode(b"x" * 32).decode()
    with (
        office_of(service, officials, tmp_path / "office", webhook_secret=secret) as office,
        TestClient(create_app(office, work=False)) as client,
    ):
        assert client.post("/hooks/teken", content=b"{}").status_code == 400
        assert not office.wake.is_set()

        path = tmp_path / "office" / "webhook"
        path.unlink()
        assert client.post("/hooks/teken", content=b"{}").status_code == 404
        webhook = ring(office.settings, office.teken)
        told = path.read_text()
        assert (ring(office.settings, office.teken), path.read_text()) == (webhook, told)
        path.unlink()
        assert ring(office.settings, office.teken) == webhook
        assert path.read_text() != told
        assert path.stat().st_mode & 0o777 == 0o600
        office.teken.webhooks.remove(webhook)


class Died(BaseException):
    """What no handler catches."""


def _died(*_: object, **__: object) -> None:
    raise Died


def documents_of(service: RunningService, paper: Paper) -> int:
    """How many documents Teken has of this paper."""
    with teken.Teken(service.url, teken.ClientSecret(*service.client)) as client:
        return len(list(client.documents.list(paper.id)))


class Clock:
    """The office's time, which moves when it is told to."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self._now

    def moves(self, *, minutes: int) -> None:
        self._now += timedelta(minutes=minutes)
