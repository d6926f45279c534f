import pytest
from pkcs11 import exceptions as p11

from hsm_config import errors
from hsm_config.errors import HsmMisconfigured, HsmUnavailable, PinRejected
from hsm_config.failures import is_lost, translated

ALL = [kind for kind in vars(p11).values() if isinstance(kind, type) and issubclass(kind, p11.PKCS11Error)]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_return_code_of_the_binding_becomes_an_error_of_ours_that_names_it(kind: type[p11.PKCS11Error]) -> None:
    error = translated(kind("detail"))
    assert type(error) in (HsmUnavailable, HsmMisconfigured, PinRejected)
    assert "detail" in str(error) or kind.__name__ in str(error)


@pytest.mark.parametrize("kind", [p11.PinIncorrect, p11.PinLocked, p11.PinExpired])
def test_a_refused_pin_is_never_a_reason_to_log_in_again(kind: type[p11.PKCS11Error]) -> None:
    assert not is_lost(kind())
    assert isinstance(translated(kind()), PinRejected)


@pytest.mark.parametrize("kind", [p11.SessionHandleInvalid, p11.DeviceRemoved, p11.TokenNotPresent, p11.GeneralError])
def test_a_lost_session_device_or_token_is_unavailable(kind: type[p11.PKCS11Error]) -> None:
    assert is_lost(kind())
    assert isinstance(translated(kind()), HsmUnavailable)


def test_a_prohibited_action_is_no_lost_session_and_any_other_unknown_code_is() -> None:
    assert not is_lost(p11.PKCS11Error("Unmapped error code 0x1b"))
    assert is_lost(p11.PKCS11Error("Unmapped error code 0x80000001"))


def test_the_tree_of_errors_is_the_one_in_its_docstring() -> None:
    drawn = {line.split()[0] for line in (errors.__doc__ or "").splitlines() if line.startswith(("HsmError", "    "))}
    assert drawn == set(errors.__all__)
