"""Work that takes too long is answered in time, goes on alone, and gives its memory back only when it is over."""

import asyncio
import threading

import pytest

from api.faces.esign.errors import EsignRefused
from api.faces.esign.running import HARD_STOP_SECONDS, within_hard_stop


def test_the_hard_stop_leaves_time_for_the_answer() -> None:
    assert HARD_STOP_SECONDS < 6


def test_what_is_quick_is_answered_and_over() -> None:
    over: list[str] = []
    assert asyncio.run(within_hard_stop(lambda: 7, after=lambda: over.append("over"))) == 7
    assert over == ["over"]


def test_what_fails_fails_and_is_over() -> None:
    over: list[str] = []

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(within_hard_stop(fail, after=lambda: over.append("over")))
    assert over == ["over"]


@pytest.mark.parametrize("fails", [False, True])
def test_what_is_slow_is_told_to_ask_again_and_goes_on(fails: bool) -> None:
    go_on, over = threading.Event(), threading.Event()
    done: list[str] = []

    def work() -> None:
        assert go_on.wait(10)
        done.append("done")
        if fails:
            raise ZeroDivisionError

    async def ask() -> None:
        with pytest.raises(EsignRefused) as refused:
            await within_hard_stop(work, after=over.set, seconds=0.05)
        assert refused.value.status_code == 503
        assert int((refused.value.headers or {})["Retry-After"]) > 0
        assert (done, over.is_set()) == ([], False)
        go_on.set()
        while not over.is_set():
            await asyncio.sleep(0.01)

    asyncio.run(ask())
    assert done == ["done"]
