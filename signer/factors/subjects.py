"""Whose a factor is: a signatory's, by their id, or of a member of staff, whose id has a prefix that no signatory has.

One person may be both; each of the two has factors and logins of its own, and neither opens the other's pages.
"""

from typing import Final

_STAFF: Final = "staff:"


def staff_subject(staff_id: str) -> str:
    """The owner of the factors of that account."""
    return f"{_STAFF}{staff_id}"


def is_staff(subject: str) -> bool:
    """Whether it is an account of staff."""
    return subject.startswith(_STAFF)


def is_signatory(subject: str) -> bool:
    """Whether it is a signatory."""
    return not is_staff(subject)


def staff_id_of(subject: str) -> str:
    """The account; raises `ValueError` for a signatory."""
    if not is_staff(subject):
        raise ValueError("a signatory is no account of staff")
    return subject.removeprefix(_STAFF)


def name_in_trail(subject: str) -> str:
    """`kind:id`, as the audit trail names it."""
    return subject if is_staff(subject) else f"signatory:{subject}"


def acting_as(subject: str) -> str:
    """Who acts, as the audit trail has it: the account, or `signatory`, whose id stands in the entry's object."""
    return staff_id_of(subject) if is_staff(subject) else "signatory"
