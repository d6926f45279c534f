"""Writes `assets/bootstrap-subset.css`: the rules of vendored Bootstrap that the templates use, and nothing else.

Run `python -m api.static.trim_bootstrap` after changing classes in a template; a test compares the committed file.

1. A rule stays when every class, attribute and element in one of its selectors is met in the templates.
2. Custom properties that no remaining rule reads go, together with source map, print colours and unused key frames.
3. Dark colours move from `[data-bs-theme=dark]` into `@media (prefers-color-scheme: dark)`, as Bootstrap's own
   `$color-mode-type: media-query` would write them: the pages work without JavaScript, which would set the attribute.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from api.static.files import ASSETS

SOURCE: Final = ASSETS / "vendor/bootstrap-5.3.9/bootstrap.min.css"
TARGET: Final = ASSETS / "bootstrap-subset.css"
_API: Final = Path(__file__).parents[1]
FOLDERS: Final = tuple(
    _API / each
    for each in ("pages/templates", "faces/public/templates", "faces/desk/templates", "faces/console/templates")
)

_DARK: Final = "[data-bs-theme=dark]"
_SELECTOR: Final = re.compile(r"^[^.\[#]*")


def subset(bootstrap: str, html: str) -> str:
    """The style sheet that `html` needs of `bootstrap`."""
    banner = re.search(r"/\*!.*?\*/", bootstrap, re.DOTALL)
    plain = re.sub(r"/\*.*?\*/|@charset[^;]*;", "", bootstrap, flags=re.DOTALL)
    kept = "".join(_trimmed(plain, classes=_classes(html), elements=_elements(html)))
    while (smaller := _without_unread_properties(kept)) != kept:
        kept = smaller
    kept = re.sub(r"[^{}]+\{\}", "", kept)
    return f"{banner[0] if banner else ''}\n/* A subset, written by api/static/trim_bootstrap.py. */\n{kept}\n"


def templates(folders: Iterable[Path] = FOLDERS) -> str:
    """All templates as one text."""
    return "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.glob("*.html")))


def _classes(html: str) -> frozenset[str]:
    """Every word that stands in a class attribute, also inside of a Jinja expression there."""
    return frozenset(word for value in re.findall(r'class="([^"]*)"', html) for word in re.findall(r"[\w-]+", value))


def _elements(html: str) -> frozenset[str]:
    return frozenset(re.findall(r"<([a-z][a-z0-9]*)", html)) | {f"h{level}" for level in range(1, 7)}


def _trimmed(css: str, *, classes: frozenset[str], elements: frozenset[str]) -> Iterator[str]:
    for head, body in _blocks(css):
        if head.startswith("@media"):
            inner = "".join(_trimmed(body, classes=classes, elements=elements))
            if inner and "print" not in head:
                yield f"{head}{{{inner}}}"
        elif _DARK in head:
            if head == _DARK:
                yield f"@media (prefers-color-scheme:dark){{:root{{{body}}}}}"
        elif not head.startswith("@"):
            selectors = [each for each in head.split(",") if _is_used(each, classes, elements)]
            if selectors:
                yield f"{','.join(selectors)}{{{body}}}"


def _is_used(selector: str, classes: frozenset[str], elements: frozenset[str]) -> bool:
    bare = re.sub(r"::?[\w-]+(\([^)]*\))?", "", selector)
    if re.search(r"\[(?!type=|list|size)", bare):
        return False
    words = set(re.findall(r"\.([\w-]+)", bare))
    names = set(re.findall(r"(?:^|[\s>+~])([a-z][a-z0-9]*)", bare))
    return words <= classes and names <= elements


def _blocks(css: str) -> Iterator[tuple[str, str]]:
    """Head and body of each block at the outermost level."""
    depth, start, head = 0, 0, ""
    for place, character in enumerate(css):
        if character == "{":
            if depth == 0:
                head, start = css[start:place].strip(), place + 1
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                yield head, css[start:place]
                start = place + 1


def _without_unread_properties(css: str) -> str:
    read = frozenset(re.findall(r"var\((--bs-[\w-]+)", css))

    def kept(match: re.Match[str]) -> str:
        return match[0] if match[1] in read else ""

    return re.sub(r"(--bs-[\w-]+):[^;{}]*;?", kept, css)


def main(outputs: Iterable[Path] = (TARGET,)) -> None:
    """Write the subset."""
    text = subset(SOURCE.read_text(encoding="utf-8"), templates())
    for path in outputs:
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
