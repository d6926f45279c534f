"""One thing said twice: Indonesian first, English beside it."""

from typing import NamedTuple


class Text(NamedTuple):
    """The same sentence in both languages."""

    id: str
    en: str

    def fill(self, **values: "str | Text") -> "Text":
        """Both sentences with their `{places}` filled; a `Text` gives each language its own words."""
        return Text(
            self.id.format(**{name: each.id if isinstance(each, Text) else each for name, each in values.items()}),
            self.en.format(**{name: each.en if isinstance(each, Text) else each for name, each in values.items()}),
        )
