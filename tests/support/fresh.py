"""Processes of their own without a start of their own: each is forked from one that has only loaded our modules.

Loading them takes seconds of processor time, and tests start processes by the hundred. The one that is forked from
never runs anything: it opens no token and no database, and has one thread. Each child gets the environment and the
folder that a process started by hand would have. What has to be killed, or listens, is started by hand.
"""

import faulthandler
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
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


def _command(words: list[str], folder: Path, environment: Mapping[str, str], made: Path) -> None:
    """In the child: what a shell and `python -m api` do before the command line is read."""
    from api.cli import main

    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, name in enumerate(_STREAMS):
        opened = os.open(made / name, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - until the end
        for number in range(3)
    )
    sys.argv = ["teken", *words]
    main(words)
