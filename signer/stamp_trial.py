"""A template is tried before the service starts: drawn in a process of its own, within limits of time and memory.

Started as `python -m signer.stamp_trial FOLDER`. A drawing is a program; one that loops or eats memory ends here, with
the template's name in the reason, and not while somebody signs.
"""

import io
import resource
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pyhanko.pdf_utils.reader import PdfFileReader

from signer.errors import SignerError, TemplateRefused
from signer.stamp import StampText
from signer.stamp_painter import StampPainter
from signer.stamp_reading import read_template
from signer.stamp_template import StampKind

SECONDS: Final = 10.0
_DRAWING_SECONDS: Final = 0.5  # the house's take a fiftieth of it
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


def try_template(folder: Path) -> None:
    """Try the template in `folder` in another process; raises `TemplateRefused` with its name and the reason."""
    try:
        tried = subprocess.run(
            [sys.executable, "-E", "-s", "-m", "signer.stamp_trial", str(folder.resolve())],
            cwd=_ROOT,
            env={"LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TemplateRefused(f"stamp template {folder.name!r}: drawing it takes longer than {SECONDS:g} s") from None
    if tried.returncode != 0:
        said = tried.stdout.decode(errors="replace").strip() or "the program that draws it failed"
        raise TemplateRefused(said if "stamp template" in said else f"stamp template {folder.name!r}: {said}")


def draw_samples(folder: Path) -> None:
    """What the other process does. Raises `TemplateRefused`."""
    template = read_template(folder)
    painter = StampPainter(template)
    for sample in SAMPLES:
        started = time.monotonic()
        footer = template.kind is StampKind.FOOTER
        drawn = painter.paint_footers(sample, [template.width], _AT)[0] if footer else painter.paint(sample, _AT)
        first = sample is SAMPLES[0]  # which loads the fonts
        box = [float(side) for side in PdfFileReader(io.BytesIO(drawn)).root["/Pages"]["/Kids"][0]["/MediaBox"]]
        count = int(PdfFileReader(io.BytesIO(drawn)).root["/Pages"]["/Count"])
        for holds, reason in (
            (first or time.monotonic() - started <= _DRAWING_SECONDS, f"one drawing takes over {_DRAWING_SECONDS} s"),
            (count == 1 and box == [0, 0, template.width, template.height], "it is not one page of its size"),
            (len(drawn) <= _DRAWING_BYTES, f"one drawing has more than {_DRAWING_BYTES} bytes; make the logo smaller"),
        ):
            if not holds:
                raise TemplateRefused(f"stamp template {template.name!r}: {reason}")


def main() -> int:
    """Print why the template in the only argument is refused; 0 where it is not."""
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CPU, (int(SECONDS), int(SECONDS)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        draw_samples(Path(sys.argv[1]))
    except SignerError as error:
        sys.stdout.write(str(error))
        return 1
    except Exception as error:
        sys.stdout.write(f"stamp.typ: {str(error)[:300]}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
