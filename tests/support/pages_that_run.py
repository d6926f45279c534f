"""Examples of written pages, to be executed as they stand there."""

import re

from tests.architecture.pages import read


def examples(page: str, language: str) -> list[str]:
    """The blocks of a page in one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", read(page), re.MULTILINE | re.DOTALL)
