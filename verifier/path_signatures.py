"""The signatures on certificates, checked for certvalidator by the code that checks every other one. Imports it."""

from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pyhanko_certvalidator.errors import AlgorithmNotSupported
from pyhanko_certvalidator.sig_validate import DEFAULT_VALIDATION_CONTEXT, SignatureValidator

from verifier import ber
from verifier.algorithms import UnknownAlgorithm, signature_algorithm
from verifier.signature_value import Message, verifies


class PathSignatures(SignatureValidator):  # type: ignore[misc]  # certvalidator is read without its types
    """certvalidator knows fewer algorithms than we do."""

    def validate_signature(
        self,
        signature: bytes,
        signed_data: bytes,
        public_key_info: Any,
        signature_algorithm: Any,  # its name in certvalidator
        context: Any = DEFAULT_VALIDATION_CONTEXT,  # noqa: ARG002  # about messages; certificates have none
    ) -> None:
        """See `SignatureValidator`. Raises `InvalidSignature` and `AlgorithmNotSupported`."""
        if not _fits(signature, signed_data, public_key_info.dump(), signature_algorithm.dump()):
            raise InvalidSignature


def _fits(signature: bytes, signed: bytes, key_info: bytes, algorithm: bytes) -> bool:
    try:
        known = signature_algorithm(ber.read(algorithm))
        key = load_der_public_key(key_info)
        # certificates name no digest beside the algorithm
        return verifies(key, signature, Message(signed), known, "")  # type: ignore[arg-type]  # others than these fail
    except (UnknownAlgorithm, UnsupportedAlgorithm) as error:
        raise AlgorithmNotSupported(str(error)) from None
    except ValueError:
        return False
