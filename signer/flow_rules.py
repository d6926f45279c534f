"""What may be asked for with several officials on one document, and whose turn it is."""

from collections.abc import Sequence
from typing import Final

from signer.errors import FlowRefused
from signer.flow_model import FlowStanding, FlowState, Step
from signer.model import Certify, LockAction, SigningAct

MOST_STEPS: Final = 16  # an official letter bears a handful


def require_sensible(steps: Sequence[Step], certify: Certify | None, most_initials: int) -> None:
    """Raises `FlowRefused` for steps that could never all be signed, or not as an office does."""
    initials = [each for each in steps if each.act is SigningAct.INITIALS]
    signatures = [each for each in steps if each.act is SigningAct.SIGNATURE]
    last = [each for each in steps if each.order == max(other.order for other in steps)]
    rules = (
        (0 < len(steps) <= MOST_STEPS, "step-count", f"Name 1 to {MOST_STEPS} steps."),
        (bool(signatures), "no-signature", "Name at least one signature: initials alone sign nothing."),
        (
            len(initials) <= most_initials,
            "too-many-initials",
            f"Paling banyak {most_initials} pejabat memaraf. / At most {most_initials} officials initial a letter.",
        ),
        (
            not initials or max(each.order for each in initials) < min((each.order for each in signatures), default=0),
            "initials-first",
            "Paraf mendahului tanda tangan. / Initials come before signatures; give them a lower order.",
        ),
        (
            len({each.credential_id for each in steps}) == len(steps),
            "twice",
            "The same official stands in two steps; a signer's own draft needs no initials.",
        ),
        (
            all(each.stamp is None or each.stamp.nip is None for each in steps),
            "nip",
            "A NIP is kept nowhere; send it when the step is signed.",
        ),
        (
            certify is not Certify.NO_CHANGES or len(steps) == 1,
            "certify",
            "A certification that forbids all changes leaves no room for further steps; use 2.",
        ),
        (
            all(each.lock is None or each.lock.action is LockAction.INCLUDE or each in last for each in steps)
            and (len(last) == 1 or all(each.lock is None for each in last)),
            "lock",
            "Only the last step, alone in its order, locks all fields or all but some: signatures come after others.",
        ),
        (
            certify is None or sum(each.order == min(other.order for other in steps) for each in steps) == 1,
            "certify-first",
            "Where the first signature certifies, one step alone has to be the first.",
        ),
    )
    for holds, reason, message in rules:
        if not holds:
            raise FlowRefused(message, field="steps", reason=reason)


def require_open(standing: FlowStanding) -> None:
    """Raises `FlowRefused` where nothing is left to cancel, or a step is being signed."""
    if standing.state is not FlowState.OPEN:
        raise _refused(f"The document is {standing.state}; nothing is left to cancel.", str(standing.state))
    if standing.busy is not None:
        raise _busy()


def require_its_turn(standing: FlowStanding, number: int, credential_id: str | None) -> Step:
    """The step, where it may be signed now, by whoever has this credential (`None`: by its own).

    Raises `FlowRefused`.
    """
    step = next((each for each in standing.flow.steps if each.number == number), None)
    if step is None:
        raise _refused("The document has no such step.", "unknown-step")
    if standing.state is FlowState.CANCELLED:
        raise _refused("Penandatanganan dokumen ini dibatalkan. / The document was cancelled.", "cancelled")
    if number in standing.done:
        raise _refused("Langkah ini sudah selesai. / This step is signed already.", "already-signed")
    if credential_id is not None and step.credential_id != credential_id:
        raise FlowRefused(
            "Langkah ini milik pejabat lain. / This step is another official's.",
            field="credential",
            reason="wrong-signer",
        )
    waiting = standing.next_steps()
    if step not in waiting:
        numbers = ", ".join(str(each.number) for each in waiting)
        raise _refused(
            f"Belum gilirannya: menunggu langkah {numbers}. / Not yet: step {numbers} comes first.", "not-yet"
        )
    if standing.busy is not None:
        raise _busy()
    return step


def _busy() -> FlowRefused:
    return _refused("A step of this document is being signed at this moment. Try again in a few seconds.", "busy")


def _refused(message: str, reason: str) -> FlowRefused:
    return FlowRefused(message, field="step", reason=reason)
