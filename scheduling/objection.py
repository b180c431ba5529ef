"""One reason not to treat, in words a nurse reads: whose it is, whether it blocks, and who overrode it."""

from __future__ import annotations

from dataclasses import dataclass

from her2tracker.lib.sources import Citation
from scheduling.words import Gate

NOT_RELEASED = "not-released"
BEFORE_THE_START = "before-the-start:"
CONSENT_WITHDRAWN = "consent-withdrawn:"
CHECK_MISSING, CHECK_DIFFERS = "second-check-missing", "second-check-differs:"


@dataclass(frozen=True, slots=True)
class Objection:
    """Why not, and whose it is. `blocks`: nothing is given until it is gone or overridden by name."""

    key: str
    sentence: str
    owner: str
    blocks: bool = False
    overridable: bool = True
    short: str = ""
    source: Citation | None = None
    gate: Gate = Gate.PLAN
    overridden: str = ""  # "by Dr Ortega, 5 Jan: cardiology advises to continue"

    @property
    def stops_treatment(self) -> bool:
        return self.blocks and not self.overridden

    @property
    def is_to_do(self) -> bool:
        """Something that is still to be done for this infusion, rather than a reason to withhold."""
        return self.gate.is_of_one_day and not self.key.startswith(("laboratory:", CONSENT_WITHDRAWN, CHECK_DIFFERS))

    @property
    def in_short(self) -> str:
        return self.short or self.sentence
