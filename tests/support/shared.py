"""Real documents and the signed-and-hostile corpus, used by path and never committed."""

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("TEKEN_SHARED", Path(__file__).resolve().parents[3] / "shared"))


def documents() -> list[Path]:
    """Every real PDF to be signed, smallest first; empty where the folder is absent."""
    return sorted((SHARED / "documents").glob("*.pdf"), key=lambda path: path.stat().st_size)


def document(name: str) -> bytes:
    """One of them; skips the test with a clear message where the folder is absent."""
    path = SHARED / "documents" / name
    if not path.exists():
        pytest.skip(f"{path} is absent: set TEKEN_SHARED to the folder that holds documents/ and corpus/")
    return path.read_bytes()


@dataclass(frozen=True, slots=True)
class CorpusCase:
    """One row of `cases.tsv`: a file, and what a verdict must not or must be."""

    path: Path
    expected: str
    accept: str
    why: str


def corpus() -> Iterator[CorpusCase]:
    """Every case of the corpus; nothing where the folder is absent."""
    table = SHARED / "corpus" / "cases.tsv"
    if not table.exists():
        return
    with table.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            yield CorpusCase(SHARED / "corpus" / row["file"], row["expected"], row["accept"], row["why"])
