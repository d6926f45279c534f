"""In which queue each kind of job waits: the engine forgets it of one that was cancelled."""

from typing import Final

from signer.batch_model import FINISH, PREPARE, SEAL

QUEUES: Final = {PREPARE: "prepare", FINISH: "finish", SEAL: "seal"}
"""The queue of each kind of job."""
