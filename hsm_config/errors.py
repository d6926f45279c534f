"""What can go wrong with the HSM. Texts name labels and fixes, never a PIN or a passphrase.

HsmError
    HsmMisconfigured     module, token, PIN source or an expected key is missing or wrong; the text names the fix
        PinRejected      the token refused the PIN; never retried, because tokens lock
    HsmUnavailable       the token does not answer, also not after one reconnect
    SealNotOpened        the passphrase (or the pepper) does not open the sealed key
    WrappedKeyRefused    the seal opened, and the HSM refuses the blob inside: tampered, or another KEK
    TransportRefused     a package with a KEK or pepper is for another token, was changed, or is none
"""

__all__ = [
    "HsmError",
    "HsmMisconfigured",
    "HsmUnavailable",
    "PinRejected",
    "SealNotOpened",
    "TransportRefused",
    "WrappedKeyRefused",
]


class HsmError(Exception):
    """Base of everything that this package raises on purpose."""


class HsmMisconfigured(HsmError):
    """Something that the settings promise is not there."""


class PinRejected(HsmMisconfigured):
    """The token refused the PIN."""


class HsmUnavailable(HsmError):
    """The token does not answer."""


class SealNotOpened(HsmError):
    """Wrong passphrase: that is all that can be known."""


class WrappedKeyRefused(HsmError):
    """An integrity alarm, not a user's mistake."""


class TransportRefused(HsmError):
    """This package, or this transport key, is not what the token needs; the text names the fix."""
