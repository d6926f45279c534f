"""PKCS#11 return codes in our words: which of them mean that the connection is gone, and what callers hear."""

from typing import Final

from pkcs11 import exceptions as p11

from hsm_config.errors import HsmError, HsmMisconfigured, HsmUnavailable, PinRejected

PIN_REFUSALS: Final = (p11.PinIncorrect, p11.PinLocked, p11.PinExpired, p11.PinInvalid, p11.PinLenRange)

LOST: Final = (
    p11.DeviceError,
    p11.DeviceMemory,
    p11.DeviceRemoved,
    p11.FunctionFailed,
    p11.GeneralError,
    p11.HostMemory,
    p11.KeyHandleInvalid,
    p11.NoSuchKey,  # a token whose folder vanished finds nothing instead of failing
    p11.ObjectHandleInvalid,
    p11.OperationActive,
    p11.OperationNotInitialized,
    p11.SessionClosed,
    p11.SessionCount,
    p11.SessionHandleInvalid,
    p11.SlotIDInvalid,
    p11.TokenNotPresent,
    p11.TokenNotRecognised,
    p11.UnwrappingKeyHandleInvalid,
    p11.UserNotLoggedIn,
    p11.WrappingKeyHandleInvalid,
)
"""Session, device, token and handle errors, and the general ones that a restarted HSM answers with."""

_ACTION_PROHIBITED: Final = "0x1b"  # CKR_ACTION_PROHIBITED (PKCS#11 2.40, 5.1.6), which the binding has no class for


def is_lost(error: p11.PKCS11Error) -> bool:
    """Whether a new login may help. A code unknown to the binding counts as yes: one reconnect does no harm."""
    if type(error) is p11.PKCS11Error:
        return not str(error).endswith(_ACTION_PROHIBITED)
    return isinstance(error, LOST)


def named(error: p11.PKCS11Error) -> str:
    """The return code and what the binding adds to it."""
    name = type(error).__name__
    return f"{name}: {error}" if str(error) else name


def translated(error: p11.PKCS11Error) -> HsmError:
    """`error` as one of ours; its text names the return code, never a PIN."""
    name, detail = type(error).__name__, named(error)
    if isinstance(error, PIN_REFUSALS):
        return PinRejected(
            f"the token refused the PIN ({name}); it is not tried again, because tokens lock:"
            " correct pin_file, then restart"
        )
    if isinstance(error, p11.NoSuchKey):
        return HsmMisconfigured(str(error))
    if is_lost(error):
        return HsmUnavailable(f"the HSM does not answer as it should ({detail})")
    return HsmMisconfigured(
        f"the HSM refuses what was asked ({detail}): compare the key's attributes and the module's mechanisms"
        " with hsm_config/mechanisms.py"
    )
