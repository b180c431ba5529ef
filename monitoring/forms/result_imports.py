"""A file of LVEF results, and the figures that are typed again before it is recorded."""

from __future__ import annotations

import re
from collections.abc import Mapping

from monitoring.actions import result_lines
from scheduling.forms.imports import TableFileForm

_LINE = re.compile(r"line-(\d{1,6})", re.ASCII)
LONGEST = 40  # characters of a figure


class ResultFileForm(TableFileForm):
    """LVEF results."""

    def refuse_unreadable(self, text: str) -> int:
        return result_lines.refuse_unreadable(text)


def typed_again(posted: Mapping[str, str]) -> dict[int, str]:
    """By line, what was typed into the fields `line-N`. What else was posted is passed over."""
    found = ((match, said) for name, said in posted.items() if (match := _LINE.fullmatch(name)))
    return {int(match[1]): str(said)[:LONGEST] for match, said in found}
