"""What signing needs of pages, from the verifier."""

from signer.errors import StampRefused, Unavailable
from signer.model import FoundText
from verifier.errors import VerificationRefused, VerifierError
from verifier.worker import WorkerPool


class PagesText:
    """`signer.ports.TextFinder`: pages are read in the verifier's processes, which can be killed."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool

    def find(self, document: bytes, text: str) -> tuple[FoundText, ...]:
        """Every place of `text`; raises `StampRefused` for pages that cannot be read, `Unavailable` otherwise."""
        try:
            places = self._pool.find_text(document, text)
        except VerificationRefused as error:
            raise StampRefused(
                "The pages cannot be searched for the tag. Give a position instead.",
                field="stamp.tag",
                reason="unreadable-pages",
            ) from error
        except VerifierError as error:
            raise Unavailable(str(error)) from error
        return tuple(FoundText(page_index=each.page_index, origin=each.origin, box=each.box) for each in places)
