"""Processes of their own without a start of their own: each is forked from one that has only loaded our modules.

Loading them takes seconds of processor time, and tests start processes by the hundred. The one that is forked from
never runs anything: it opens no token and no database, and has one thread. Each child gets the environment and the
folder that a process started by hand would have.
"""

import faulthandler
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ParamSpec, TypeVar

from api.cli import COMMANDS

Given = ParamSpec("Given")
Made = TypeVar("Made")

FRESH_SECONDS = 100
"""Below the time-out of a test: a process that hangs ends itself, and says where it hung."""

_STREAMS = ("stdin", "stdout", "stderr")


def in_fresh_process(function: Callable[Given, Made], *args: Given.args, **kwargs: Given.kwargs) -> Made:
    """What `function` returns or raises in a process that never saw PKCS#11; a crash of that process fails the test.

    So does one that takes longer than `FRESH_SECONDS`, after it wrote the stacks of all its threads to stderr.
    """
    with ProcessPoolExecutor(
        max_workers=1, mp_context=_context(), initializer=_begin, initargs=(dict(os.environ), FRESH_SECONDS)
    ) as pool:
        return pool.submit(function, *args, **kwargs).result()


def run_command(
    words: Sequence[str], *, folder: Path, environment: Mapping[str, str], stdin: str | None, seconds: float
) -> subprocess.CompletedProcess[str]:
    """`teken WORDS…` in `folder` to its end; its exit code and outputs as `subprocess.run` gives them."""
    with TemporaryDirectory() as made:
        streams = {name: Path(made, name) for name in _STREAMS}
        streams["stdin"].write_text(stdin or "")
        process = _context().Process(target=_command, args=(list(words), folder, dict(environment), Path(made)))
        process.start()
        process.join(seconds)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(["teken", *words], seconds, stderr=streams["stderr"].read_text())
        out, err = (streams[name].read_text() if streams[name].exists() else "" for name in _STREAMS[1:])
        return subprocess.CompletedProcess(["teken", *words], process.exitcode, out, err)


class Launched:
    """A command in the background; speaks as `subprocess.Popen` does."""

    def __init__(self, process: BaseProcess) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """Below zero: the signal that ended it."""
        return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(["teken"], timeout or 0)
        return self.returncode

    def send_signal(self, how: signal.Signals) -> None:
        with suppress(ProcessLookupError):  # it ended, and the one that started it has not said so yet
            if self.poll() is None:
                os.kill(self.pid, how)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def launch_command(words: Sequence[str], *, folder: Path, environment: Mapping[str, str], log: Path) -> Launched:
    """`teken WORDS…` in `folder`, in the background; what it says is added to `log`."""
    log.touch()
    process = _context().Process(target=_launched, args=(list(words), folder, dict(environment), log))
    process.start()
    return Launched(process)


@cache
def _context() -> ForkServerContext:
    context = get_context("forkserver")
    loaded = {f"api.cli.{module}" for module, _ in COMMANDS.values()}
    context.set_forkserver_preload(["api.app", "api.compose", *sorted(loaded), "pytest"])
    return context


def _begin(environment: Mapping[str, str], seconds: float) -> None:
    os.environ.clear()
    os.environ.update(environment)
    faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__)


def _launched(words: list[str], folder: Path, environment: Mapping[str, str], log: Path) -> None:
    _run(words, folder, environment, (Path(os.devnull), log, log))


def _command(words: list[str], folder: Path, environment: Mapping[str, str], made: Path) -> None:
    _run(words, folder, environment, tuple(made / name for name in _STREAMS))


def _run(words: list[str], folder: Path, environment: Mapping[str, str], streams: tuple[Path, ...]) -> None:
    """In the child: what a shell and `python -m api` do before the command line is read."""
    from api.cli import main

    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, path in enumerate(streams):
        opened = os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - until the end
        for number in range(3)
    )
    sys.argv = ["teken", *words]
    main(words)
