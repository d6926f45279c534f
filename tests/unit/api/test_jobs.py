"""Jobs by the clock and on request: side by side in their lanes, several requests joined into one run."""

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Event

from api.jobs import Job, Wake, run_once, running_jobs

HOUR = timedelta(hours=1)


def eventually(true: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.005)
    return true()


def test_every_job_runs_at_once_and_then_at_its_time() -> None:
    seldom: list[int] = []
    often: list[int] = []
    jobs = [
        Job(name="seldom", every=HOUR, run=lambda: seldom.append(1)),
        Job(name="often", every=timedelta(milliseconds=20), run=lambda: often.append(1)),
    ]
    with running_jobs(jobs):
        assert eventually(lambda: len(often) >= 3)
    assert len(seldom) == 1


def test_what_is_asked_within_the_window_is_one_run() -> None:
    runs: list[float] = []
    now = [0.0]
    wake = Wake(joined=timedelta(milliseconds=200))
    job = Job(name="crl", every=HOUR, run=lambda: runs.append(now[0]), wake=wake)
    with running_jobs([job], clock=lambda: now[0]):
        assert eventually(lambda: len(runs) == 1)
        for _ in range(5):
            wake()
            time.sleep(0.01)
        assert not eventually(lambda: len(runs) > 1, seconds=0.3), "more may still be asked"
        now[0] = 0.2
        assert eventually(lambda: len(runs) == 2)
        assert not eventually(lambda: len(runs) > 2, seconds=0.3), "one for each"
    assert runs == [0.0, 0.2]


def test_a_request_while_the_job_runs_is_not_lost() -> None:
    began, go_on, runs = Event(), Event(), list[int]()
    wake = Wake(joined=timedelta(0))

    def run() -> None:
        runs.append(1)
        began.set()
        go_on.wait(60)

    with running_jobs([Job(name="crl", every=HOUR, run=run, wake=wake)]):
        assert began.wait(60)
        wake()
        go_on.set()
        assert eventually(lambda: len(runs) == 2)


def test_a_job_that_hangs_delays_its_own_lane_only() -> None:
    hangs, ran = Event(), Event()
    jobs = [
        Job(name="import", every=HOUR, run=lambda: hangs.wait(60)),
        Job(name="crl", every=HOUR, run=ran.set, lane="status"),
    ]
    with running_jobs(jobs):
        assert ran.wait(60)
        hangs.set()


def test_a_job_that_fails_is_told_apart_and_comes_again() -> None:
    runs: list[int] = []

    def fails() -> None:
        runs.append(1)
        raise OSError("no disk")

    job = Job(name="fails", every=timedelta(milliseconds=10), run=fails)
    assert not run_once(job)
    assert run_once(Job(name="well", every=HOUR, run=lambda: 3))
    with running_jobs([job]):
        assert eventually(lambda: len(runs) >= 3)


def test_asking_where_no_job_runs_does_no_harm() -> None:
    wake = Wake()
    wake()
    assert wake.taken()
    assert not wake.taken()
