"""What the desk refuses about jobs; apart from them, because the job engine takes half a second to load."""

from signer.errors import Refused


class JobUnknown(Refused):
    """No such job; ended ones are forgotten after `jobs.keep_days`."""


class JobRefused(Refused):
    """The job is not in a state that allows this."""
