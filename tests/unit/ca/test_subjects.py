"""Names as they are, and what is refused."""

from dataclasses import replace

import pytest

from ca.errors import RequestRefused
from ca.profiles import E_SEAL, OFFICIAL
from ca.subjects import name_of
from tests.support.ca_hierarchy import NAMES, PERSON

CN, SURNAME, GIVEN_NAME = "2.5.4.3", "2.5.4.4", "2.5.4.42"


def encoded(**changes: str | None) -> dict[str, str]:
    name = name_of(replace(PERSON, **changes), OFFICIAL, NAMES)
    return {attribute.oid.dotted_string: str(attribute.value) for attribute in name}


@pytest.mark.parametrize(
    ("common_name", "given_name", "surname"),
    [
        ("Contoh", "Contoh", None),
        ("I Wayan Contoh", "I Wayan Contoh", None),
        ("Siti Contoh Lubis", "Siti Contoh", "Lubis"),
        ("Lubis", None, "Lubis"),
    ],
    ids=["one word", "several words without family name", "family name on record", "family name alone"],
)
def test_a_name_is_encoded_as_registered(common_name: str, given_name: str | None, surname: str | None) -> None:
    name = encoded(common_name=common_name, given_name=given_name, surname=surname)
    assert (name[CN], name.get(GIVEN_NAME), name.get(SURNAME)) == (common_name, given_name, surname)


def test_a_person_without_any_name_part_is_refused() -> None:
    with pytest.raises(RequestRefused) as refused:
        encoded(given_name=None, surname=None)
    assert (refused.value.field, refused.value.reason) == ("given_name", "missing")


def test_a_name_is_composed_to_nfc() -> None:
    assert encoded(common_name="Ne\u0301ngah")[CN] == "N\u00e9ngah"


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("common_name", "", "blank"),
        ("common_name", " Contoh", "blank"),
        ("common_name", "Contoh\n", "blank"),
        ("common_name", "Con\u0000toh", "control-character"),
        ("common_name", "Con\u200btoh", "control-character"),
        ("common_name", "Con\u202etoh", "control-character"),
        ("common_name", "C" * 65, "too-long"),
        ("organisation", "O" * 65, "too-long"),
        ("unit", "", "blank"),
        ("country", "id", "form"),
        ("country", "IDN", "form"),
        ("opaque_id", None, "missing"),
        ("opaque_id", "SHORT", "form"),
        ("opaque_id", "1234567890123456", "form"),
        ("organisation_identifier", "001234567890000", "form"),
    ],
)
def test_a_field_out_of_form_is_refused_by_name(field: str, value: str | None, reason: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        encoded(**{field: value})
    assert (refused.value.field, refused.value.reason) == (field, reason)


def test_a_refusal_does_not_repeat_what_was_given() -> None:
    with pytest.raises(RequestRefused) as refused:
        encoded(opaque_id="1234567890123456")
    assert "1234567890123456" not in str(refused.value)


def test_a_seal_carries_no_personal_attribute_even_if_one_is_given() -> None:
    types = {attribute.oid.dotted_string for attribute in name_of(PERSON, E_SEAL, NAMES)}
    assert types == {"2.5.4.6", "2.5.4.10", "2.5.4.97", CN}
