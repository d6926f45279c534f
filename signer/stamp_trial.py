"""Templates are tried before the service starts: drawn in a process of their own, within limits of time and memory.

Started as `python -m signer.stamp_trial FOLDER...`. A drawing is a program; one that loops or eats memory ends here,
with the template's name in the reason, and not while somebody signs.
"""

import io
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pyhanko.pdf_utils.reader import PdfFileReader

from signer.errors import TemplateRefused
from signer.stamp import StampText
from signer.stamp_painter import StampPainter
from signer.stamp_reading import read_template
from signer.stamp_template import StampKind

_REASON: Final = "stamp template "
_START_SECONDS: Final = 10
_DRAWING_SECONDS: Final = 0.5  # of processor time; the house's take a fiftieth of it
_DRAWING_BYTES: Final = 256 * 1024
_ADDRESS_SPACE: Final = 2 * 1024 * 1024 * 1024
_ROOT: Final = Path(__file__).resolve().parent.parent
_AT: Final = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
_PLAIN: Final = StampText(
    titles=("KEPALA DINAS CONTOH,",),
    name="CONTOH",
    agency=None,
    rank=None,
    nip=None,
    time="2 Januari 2026 11.04 WITA",
    code="K7Q2M 9XTBN",
    issuer="Contoh Issuing CA 1 G1",
    certified=False,
    address="https://tte.contoh.go.id/v/7ZZ9M2K4QX8T3B6N1V5C0W2E4R",
)
_FULL: Final = replace(
    _PLAIN,
    titles=(
        "a.n. GUBERNUR PROVINSI CONTOH",
        "KEPALA DINAS KOMUNIKASI, INFORMATIKA DAN STATISTIK",
        "u.b.",
        "KEPALA BIDANG PERSANDIAN DAN KEAMANAN INFORMASI,",
    ),
    name="Dr. Ir. Anak Agung Gede Contoh Wiradharma Putra, S.T., M.Sc.",
    agency="Dinas Komunikasi, Informatika dan Statistik Provinsi Contoh",
    rank="Pembina Utama Muda (IV/c)",
    nip="000000000000000000",
    certified=True,
)
_BALINESE: Final = replace(_PLAIN, name="ᬇ ᬯᬬᬦ᭄ ᬘᭀᬦ᭄ᬢᭀᬳ᭄", titles=("ᬓᭂᬧᬮ ᬤᬶᬦᬲ᭄,",))
SAMPLES: Final = (_PLAIN, _FULL, _BALINESE)


def try_templates(folders: Sequence[Path]) -> None:
    """Try the template of each folder in another process; raises `TemplateRefused` with the first bad one's name and
    the reason."""
    if not folders:
        return
    seconds = _seconds(len(folders))
    try:
        tried = subprocess.run(
            [sys.executable, "-E", "-s", "-m", "signer.stamp_trial", *(str(each.resolve()) for each in folders)],
            cwd=_ROOT,
            env={"LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise _refused(_lines(late.stdout), f"drawing it takes longer than {seconds} s") from None
    if tried.returncode != 0:
        raise _refused(_lines(tried.stdout), "the program that draws it failed")


def _refused(said: list[str], otherwise: str) -> TemplateRefused:
    """From what the other process wrote: the name of each template before it is drawn, and the reason of the last."""
    last = said[-1] if said else "?"
    return TemplateRefused(last if last.startswith(_REASON) else f"{_REASON}{last!r}: {otherwise}")


def _lines(output: bytes | None) -> list[str]:
    return (output or b"").decode(errors="replace").splitlines()


def _seconds(templates: int) -> int:
    """Time for all of them."""
    return _START_SECONDS + templates


def draw_samples(folder: Path) -> None:
    """What the other process does. Raises `TemplateRefused`."""
    template = read_template(folder)
    painter = StampPainter(template)
    for sample in SAMPLES:
        started = time.process_time()
        footer = template.kind is StampKind.FOOTER
        drawn = painter.paint_footers(sample, [template.width], _AT)[0] if footer else painter.paint(sample, _AT)
        first = sample is SAMPLES[0]  # which loads the fonts
        box = [float(side) for side in PdfFileReader(io.BytesIO(drawn)).root["/Pages"]["/Kids"][0]["/MediaBox"]]
        count = int(PdfFileReader(io.BytesIO(drawn)).root["/Pages"]["/Count"])
        for holds, reason in (
            (
                first or time.process_time() - started <= _DRAWING_SECONDS,
                f"a drawing takes over {_DRAWING_SECONDS} s",
            ),
            (count == 1 and box == [0, 0, template.width, template.height], "it is not one page of its size"),
            (len(drawn) <= _DRAWING_BYTES, f"one drawing has more than {_DRAWING_BYTES} bytes; make the logo smaller"),
        ):
            if not holds:
                raise TemplateRefused(f"stamp template {template.name!r}: {reason}")


def main() -> int:
    """Write the name of each template in the arguments before it is drawn, and why it is refused; 0 where none is."""
    seconds = _seconds(len(sys.argv) - 1)
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    for folder in map(Path, sys.argv[1:]):
        print(folder.name, flush=True)  # noqa: T201 - this is what the other process reads
        try:
            draw_samples(folder)
        except Exception as error:
            said = str(error) if isinstance(error, TemplateRefused) else f"{_REASON}{folder.name!r}: stamp.typ: {error}"
            print(said.replace("\n", " ")[:500], flush=True)  # noqa: T201 - as above
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
