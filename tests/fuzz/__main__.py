"""A coverage-guided fuzzer for what reads strangers' bytes. No library for it is among ours, so it is a small one.

    python -m tests.fuzz cms --seconds 600 [--seed 1]

An input that reaches a line which no other has reached is kept and spoilt further; one that raises what it must not, or
takes longer than `--slowest`, is written to tests/golden/inputs, where a test replays it for ever.
"""

import argparse
import hashlib
import random
import sys
import time
import traceback
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import click

from tests.fuzz.mutation import mutated
from tests.fuzz.targets import TARGETS, Target

FOUND = Path(__file__).resolve().parents[1] / "golden" / "inputs"
LARGEST_CORPUS = 2_000
_OWN = "/verifier/"


class Coverage:
    """Lines that were run of our own files, and which line called what in the libraries that count."""

    def __init__(self, traced: tuple[str, ...]) -> None:
        self._traced = traced
        self._counts: dict[CodeType, bool] = {}
        self.seen: set[tuple[int, int]] = set()

    def run(self, target: Target, data: bytes) -> None:
        """One input under the tracer."""
        sys.settrace(self._called)
        try:
            target.run(data)
        finally:
            sys.settrace(None)

    def _called(self, frame: FrameType, _event: str, _arg: Any) -> Any:
        code = frame.f_code
        counts = self._counts.get(code)
        if counts is None:
            counts = self._counts[code] = any(part in code.co_filename for part in self._traced)
        if not counts:
            return None
        if _OWN in code.co_filename:
            return self._line
        caller = frame.f_back.f_lineno if frame.f_back is not None else 0
        self.seen.add((id(code), caller))
        return None  # their lines would cost twenty times as much

    def _line(self, frame: FrameType, event: str, _arg: Any) -> Any:
        if event == "line":
            self.seen.add((id(frame.f_code), frame.f_lineno))
        return self._line


def fuzz(name: str, *, seconds: float, seed: int, slowest: float) -> int:
    """How many findings there were."""
    target, dice = TARGETS[name], random.Random(seed)  # noqa: S311  # inputs of a test
    coverage, corpus, findings = Coverage(target.traced), list(target.seeds()), 0
    for each in corpus:
        coverage.run(target, each)
    known, kinds = len(coverage.seen), set[str]()
    end, tried = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        data, started = mutated(dice.choice(corpus), corpus, dice), time.process_time()
        tried += 1
        try:
            coverage.run(target, data)
            trouble = "slow" if time.process_time() - started > slowest else ""
        except Exception:
            trouble = traceback.format_exc(limit=-3)
        if trouble and trouble not in kinds:
            kinds.add(trouble)
            findings += 1
            _keep(name, data, trouble)
        if len(coverage.seen) > known and len(corpus) < LARGEST_CORPUS:
            known = len(coverage.seen)
            corpus.append(data)
    click.echo(f"{name}: {tried} inputs, {known} places, {len(corpus)} kept, {findings} findings")
    return findings


def _keep(name: str, data: bytes, trouble: str) -> None:
    FOUND.mkdir(exist_ok=True)
    path = FOUND / f"{name}-{hashlib.sha256(data).hexdigest()[:16]}.bin"
    path.write_bytes(data)
    click.echo(f"{path.name}\n{trouble}")


def main() -> None:
    """Parse the command line and run; exit code 1 where something was found."""
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slowest", type=float, default=10, help="processor seconds for one input, under the tracer")
    options = parser.parse_args()
    found = fuzz(options.target, seconds=options.seconds, seed=options.seed, slowest=options.slowest)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
