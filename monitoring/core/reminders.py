"""Which reminders are owed on a day. A missed night owes the same ones the next morning."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from her2tracker.lib.dates import add_days, in_words


class Topic(StrEnum):
    INFUSION = "infusion"
    EXAMINATION = "examination"
    LVEF_DUE = "lvef-due"
    LVEF_OVERDUE = "lvef-overdue"
    FLAG_UNDECIDED = "flag-undecided"

    @property
    def label(self) -> str:
        return {
            Topic.INFUSION: "Infusion coming up",
            Topic.EXAMINATION: "Examination booked",
            Topic.LVEF_DUE: "LVEF assessment due",
            Topic.LVEF_OVERDUE: "LVEF assessment overdue",
            Topic.FLAG_UNDECIDED: "Flag waiting for a decision",
        }[self]

    @property
    def is_lost_when_past(self) -> bool:
        """A coming appointment needs no reminder once its day has passed; the rest stay owed until done."""
        return self in (Topic.INFUSION, Topic.EXAMINATION)


@dataclass(frozen=True, slots=True)
class Item:
    """Something with a date that a person should hear about. `about` is its stable name."""

    topic: Topic
    about: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder owed now. `key` is unique per thing, due date and lead, so that it is sent once."""

    topic: Topic
    about: str
    due_on: date
    remind_on: date
    key: str

    @property
    def sentence(self) -> str:
        return f"{self.topic.label}: {in_words(self.due_on)}"


def owed(
    items: Iterable[Item], *, lead_days: Collection[int], today: date, already: Collection[str] = ()
) -> tuple[Due, ...]:
    """The reminders owed on `today`, soonest due first, without those whose key is in `already`.

    A reminder is owed from `lead` days before its date onward, not on that day only. When several
    leads have passed, only the latest is owed: three missed nights make one message.
    """
    found = [due for item in items if (due := _latest(item, lead_days, today)) and due.key not in already]
    return tuple(sorted(found, key=lambda due: (due.due_on, due.topic, due.about)))


def _latest(item: Item, lead_days: Collection[int], today: date) -> Due | None:
    if item.topic.is_lost_when_past and item.due_on < today:
        return None
    passed = [lead for lead in lead_days if add_days(item.due_on, -lead) <= today]
    if not passed:
        return None
    lead = min(passed)
    key = f"{item.topic}:{item.about}:{item.due_on.isoformat()}:{lead}"
    return Due(item.topic, item.about, item.due_on, add_days(item.due_on, -lead), key)
