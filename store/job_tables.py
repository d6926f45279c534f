"""Tables beside the job engine's own: which workers live, and how often a job was taken over from a dead one."""

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base


class JobWorkerRow(Base):
    """One worker, by its name, and when it was heard last."""

    __tablename__ = "job_workers"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    heard_at: Mapped[datetime]


class JobRescueRow(Base):
    """How often one job was taken over from a worker that fell silent."""

    __tablename__ = "job_rescues"

    job: Mapped[str] = mapped_column(Text, primary_key=True)
    times: Mapped[int]
    given_up: Mapped[bool]
