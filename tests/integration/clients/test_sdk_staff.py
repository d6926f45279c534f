"""What staff does with the client package: seals made, lent and taken back, officials found."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import teken
from teken.types import SealActivationRequest, SealRequest

from tests.support.service import RunningService, copied, hire, running_service

pytestmark = [pytest.mark.hsm, pytest.mark.timeout(180)]

Staff = Callable[[str], teken.Teken]


@pytest.fixture(scope="module")
def office(born: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    folder = copied(born, tmp_path_factory.mktemp("staff") / "data")
    hire(folder)
    with running_service(folder, command="serve") as running:
        yield running


@pytest.fixture
def staff(office: RunningService) -> Iterator[Staff]:
    made: list[teken.Teken] = []

    def client_of(account: str) -> teken.Teken:
        secret = (office.directory.parent / f"{account}.secret").read_text().strip()
        made.append(teken.Teken(office.url, teken.ClientSecret(account, secret)))
        return made[-1]

    yield client_of
    for each in made:
        each.close()


def test_a_seal_is_made_lent_and_taken_back(staff: Staff) -> None:
    administrator, approver = staff("kepala"), staff("pemeriksa")
    seal = administrator.seals.enrol(SealRequest(name="Segel Dinas Contoh"))
    assert [each.credential for each in administrator.seals.list()] == [seal.credential]
    assert approver.seals.get(seal.credential) == seal

    lent = approver.seals.activate(
        seal.credential, SealActivationRequest(client="demonstration", networks=["192.0.2.0/24"], documents=3)
    )
    assert [each.activation for each in approver.seals.activations(seal.credential)] == [lent.activation]
    (ended,) = approver.seals.deactivate(seal.credential, lent.activation)
    assert ended.ended_at is not None
    newer = administrator.seals.renew(seal.credential)
    assert (newer.seal, newer.credential != seal.credential) == (seal.seal, True)


def test_who_has_another_role_is_told_which_scope_is_missing(staff: Staff) -> None:
    with pytest.raises(teken.Forbidden) as refused:
        staff("pemeriksa").seals.enrol(SealRequest(name="Segel Dinas Contoh"))

    assert refused.value.slug in ("scope-missing", "not-permitted")


def test_an_official_is_found_by_name(staff: Staff, office: RunningService) -> None:
    registrar = staff("pendaftar")
    found = list(registrar.credentials.search(kind="official"))

    assert office.sign_request["credential"] in [each.credential for each in found]
    assert registrar.credentials.get(found[0].signatory).name == found[0].name
