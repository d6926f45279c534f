"""Signing as acting for an office: only with an appointment to just that, only while it lasts."""

from datetime import UTC, date, datetime

import pytest

from signer.appointments import ActingForm, Appointment, acting_form, require_appointed
from signer.errors import AppointmentMissing
from signer.model import SignedAs

WHO = "K5QXA2LBONUWC3TB"
PLT = Appointment(
    id="a",
    signatory_id=WHO,
    form=ActingForm.PLT,
    office="Kepala Dinas Contoh",
    starts_on=date(2026, 11, 1),
    ends_on=date(2026, 11, 21),
)
AS_PLT = SignedAs(office="KEPALA  DINAS CONTOH", on_behalf="Plt.")


class Book:
    """Appointments in memory."""

    def of(self, signatory_id: str) -> tuple[Appointment, ...]:
        return (PLT,) if signatory_id == WHO else ()


def signs(signed_as: SignedAs, at: datetime, who: str = WHO) -> None:
    require_appointed(signed_as, who, Book(), at=at)


NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)


@pytest.mark.parametrize("form", ["Plt.", "plt", " PLT. "])
def test_who_was_appointed_signs(form: str) -> None:
    signs(SignedAs(office="Kepala Dinas Contoh", on_behalf=form), NOON)


@pytest.mark.parametrize("form", [None, "a.n. Gubernur Bali", "u.b.", ""])
def test_other_forms_need_no_appointment(form: str | None) -> None:
    signs(SignedAs(office="Sekretaris Daerah", on_behalf=form), NOON, who="nobody")


@pytest.mark.parametrize(
    ("signed_as", "at", "who"),
    [
        (AS_PLT, NOON, "somebody-else"),
        (SignedAs(office="Kepala Dinas Lain", on_behalf="Plt."), NOON, WHO),
        (SignedAs(office=None, on_behalf="Plt."), NOON, WHO),
        (SignedAs(office="Kepala Dinas Contoh", on_behalf="Plh."), NOON, WHO),
        (AS_PLT, datetime(2026, 10, 31, 15, 59, tzinfo=UTC), WHO),
        (AS_PLT, datetime(2026, 11, 21, 16, 0, tzinfo=UTC), WHO),
    ],
)
def test_who_was_not_appointed_to_just_that_today_does_not_sign(signed_as: SignedAs, at: datetime, who: str) -> None:
    with pytest.raises(AppointmentMissing) as refused:
        signs(signed_as, at, who)
    assert refused.value.field == "signed_as.on_behalf"


def test_days_begin_and_end_at_midnight_in_bali() -> None:
    signs(AS_PLT, datetime(2026, 10, 31, 16, 0, tzinfo=UTC))
    signs(AS_PLT, datetime(2026, 11, 21, 15, 59, tzinfo=UTC))


def test_forms_are_read_as_they_are_printed() -> None:
    assert [acting_form(text) for text in ("Plt.", "PLH", "pj.", "Pjs.", "a.n.", None)] == [*ActingForm, None, None]
