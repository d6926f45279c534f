"""What was done in a ceremony, step by step, with the SHA-256 of everything that went in or came out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptStep:
    """One thing that was done."""

    at: datetime
    what: str
    digests: Mapping[str, str]
    """SHA-256 in hex, by the name of what was hashed."""


class Transcript:
    """Grows as the ceremony goes on. The caller keeps it, so that an interrupted ceremony leaves one as well."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._steps: list[TranscriptStep] = []

    @property
    def steps(self) -> tuple[TranscriptStep, ...]:
        """Everything done so far."""
        return tuple(self._steps)

    def record(self, what: str, **artefacts: bytes) -> None:
        """Add a step; each artefact is hashed, and its bytes are not kept. Secrets never come here."""
        digests = {name: sha256(content).hexdigest() for name, content in artefacts.items()}
        self._steps.append(TranscriptStep(at=self._now(), what=what, digests=MappingProxyType(digests)))

    def render(self) -> str:
        """The transcript as a text to print and sign: one numbered step after the other, times in UTC."""
        lines = ["Key ceremony: transcript", ""]
        for number, step in enumerate(self._steps, start=1):
            lines.append(f"{number:3}. {step.at:%Y-%m-%dT%H:%M:%SZ}  {step.what}")
            lines.extend(f"     SHA-256 {name}: {digest}" for name, digest in step.digests.items())
        return "\n".join(lines) + "\n"
