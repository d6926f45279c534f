"""A process of its own that draws the pages of a PDF: `drawing.py FOLDER`, the PDF at standard input, `1.webp`,
`2.webp` and so on into the folder. It has so much time and memory and no more; whoever started it may kill it. Imports
nothing of the office."""

import resource
import sys
from pathlib import Path
from typing import Final

import pypdfium2

MOST_PAGES: Final = 30
"""Those behind are read in the PDF."""
WIDTH: Final = 1_000
"""Pixels."""
_LONGEST: Final = 4
"""Times as high as wide, at most."""
_SECONDS: Final = 20
_MEMORY: Final = 1024**3
_FILE: Final = 8 * 1024**2
_QUALITY: Final = 80


def main(folder: Path) -> None:
    """Ends with an error where the file is no PDF or is too large to draw."""
    for what, most in ((resource.RLIMIT_CPU, _SECONDS), (resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_FSIZE, _FILE)):
        resource.setrlimit(what, (most, most))
    document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    document.init_forms()
    for number in range(min(len(document), MOST_PAGES)):
        wide, high = document.get_page_size(number)
        if wide <= 0 or not 0 < high <= wide * _LONGEST:
            raise SystemExit("a page without a usable size")
        image = document[number].render(scale=WIDTH / wide, may_draw_forms=True).to_pil()
        image.save(folder / f"{number + 1}.webp", "WEBP", quality=_QUALITY, method=4)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
