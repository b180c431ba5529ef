"""The chairs of one day: who sits where, who has none yet, and a proposal for the whole day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from her2tracker.accounts.access import permitted, user_of
from her2tracker.accounts.models import Site
from her2tracker.accounts.roles import Permission
from her2tracker.audit import acts
from her2tracker.lib.dates import in_words
from her2tracker.lib.refusals import Refused
from her2tracker.lib.tables import to_csv
from scheduling.actions import bookings
from scheduling.actions.bookings import Seat
from scheduling.core.chair_day import WINDOW, Place, clock, measure, rush
from scheduling.core.chair_proposal import Proposal, has_optimiser
from scheduling.core.in_chairs import InChair
from scheduling.models import ChairBooking, CycleDay
from scheduling.models.chair_days import Day, day_of, minute_of, row_of
from scheduling.models.in_chairs import in_chairs
from scheduling.models.standing import regimen_of
from scheduling.views.chair_picture import picture
from scheduling.words import DayState

COLUMNS = ("chair", "from", "to", "minutes", "family_name", "given_name", "born_on", "mrn", "regimen", "cycle", "state")


@dataclass(frozen=True, slots=True)
class Seated:
    """One line of the day: an infusion with its chair, or without one."""

    row: CycleDay
    booking: ChairBooking | None
    minutes: int
    begins: str = ""
    ends: str = ""
    going: InChair | None = None

    @property
    def short_name(self) -> str:
        return regimen_of(self.row.plan.regimen).short_name

    @property
    def wish(self) -> str:
        found = getattr(self.row.plan.patient, "chair_wish", None)
        return str(found) if found else ""


@dataclass(frozen=True, slots=True)
class Facts:
    """A day in figures: minutes booked of those there are, and the most starts in one half hour."""

    booked: int
    there_are: int
    peak: int
    peak_at: str
    without: int
    last: str
    under_way: int = 0
    over: int = 0

    @property
    def percent(self) -> int:
        return round(100 * self.booked / self.there_are) if self.there_are else 0


@permitted(Permission.VIEW_PATIENTS)
@require_safe
def chairs(request: HttpRequest) -> HttpResponse:
    """`?on=` any day: a line per chair, and the same as a table."""
    site = user_of(request).site
    on = asked_day(request.GET.get("on", ""), site)
    day = day_of(site, on)
    going = in_chairs(day, now=timezone.now())
    lines = _lines(day, going)
    context = {
        "day": day,
        "picture": picture(day, day.places(), now=_now(site, on), going=going),
        "seated": [line for line in lines if line.booking],
        "unseated": [line for line in lines if not line.booking and line.row.state == DayState.PLANNED],
        "facts": _facts(day, day.places(), going),
        "before": on - timedelta(1),
        "after": on + timedelta(1),
        "is_today": on == site.today(),
        "passed": on < site.today(),
    }
    return render(request, "scheduling/chairs.html", context)


@permitted(Permission.VIEW_PATIENTS)
@require_safe
def chairs_csv(request: HttpRequest) -> HttpResponse:
    """The day as a sheet. Names leave the product with it, so it is an act."""
    by = user_of(request)
    on = asked_day(request.GET.get("on", ""), by.site)
    lines = _lines(day_of(by.site, on))
    response = HttpResponse(to_csv(COLUMNS, map(_values, lines)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="chairs-{on}.csv"'
    acts.record("chair.exported", by=by, rows=len(lines), on=str(on))
    return response


@permitted(Permission.CHANGE_SCHEDULE)
@require_http_methods(["GET", "POST"])
def chairs_proposal(request: HttpRequest) -> HttpResponse:
    """`?on=&keep=` shows the day as it is beside the proposal; posting books what was shown."""
    by = user_of(request)
    asked = request.POST if request.method == "POST" else request.GET
    on, keep = asked_day(asked.get("on", ""), by.site), asked.get("keep") != "no"
    refusal = ""
    if request.method == "POST":
        try:
            seats = read_seats(request.POST.getlist("seat"))
            count = bookings.accept(by=by, on=on, seats=seats, digest=request.POST.get("digest", ""), keep=keep)
        except Refused as refused:
            refusal = str(refused)
        else:
            said = f"{count} infusion{'' if count == 1 else 's'} booked on {in_words(on)}."
            messages.success(request, said)
            return redirect(day_url(on))
    day = day_of(by.site, on)
    context = _proposed(day, keep) | {"refusal": refusal, "crumbs": crumbs(on)}
    return render(request, "scheduling/chairs_proposal.html", context, status=422 if refusal else 200)


def read_seats(texts: Iterable[str]) -> list[Seat]:
    """`cycle day|chair|09:15` of each hidden field. Raises Refused for anything else."""
    found = []
    for text in texts:
        try:
            cycle_day, chair, at = text.split("|")
            found.append(Seat(cycle_day, chair, time.fromisoformat(at)))
        except ValueError as error:
            raise Refused(bookings.CHANGED) from error
    return found


def _proposed(day: Day, keep: bool) -> dict[str, Any]:
    found = bookings.proposal(day, keep=keep)
    plain, now = day.plain(keep=keep), {place.key: place for place in day.places()}
    after = tuple(sorted((*plain.taken, *found.places), key=lambda place: (place.begins, place.chair)))
    names = {str(chair.uuid): chair.name for chair in day.chairs}
    moved = [place.key for place in found.places if now.get(place.key) != place]
    changes = [_change(day, names, now.get(place.key), place) for place in found.places if place.key in moved]
    return {
        "day": day,
        "keep": keep,
        "choices": _choices(day.on, keep),
        "proposal": found,
        "changes": changes,
        "other_hours": sum(one["other_hour"] for one in changes),
        "left_out": [_seated(day, row) for row in day.unseated if str(row.uuid) not in {p.key for p in found.places}],
        "picture": picture(day, after, moved=moved),
        "present": _facts(day, day.places()),
        "facts": _facts(day, after),
        "queue": _facts(day, (*plain.taken, *bookings.in_queue(plain))),
        "digest": day.digest(),
        "seats": [f"{place.key}|{place.chair}|{clock(place.begins)}" for place in found.places],
        "why": _why(found),
        "passed": day.on < day.site.today(),
    }


def _why(found: Proposal) -> str:
    if found.is_best:
        return "Found by the optimiser, which proved that no seating of this day is better."
    if found.way == "optimiser":
        return "The best the optimiser found in two seconds."
    plain = "The longest infusions first, each where the fewest others start"
    if found.way == "first come":
        plain = "First come, first served: nothing flatter was found"
    return f"{plain}." + ("" if has_optimiser() else " The optimiser is not installed here.")


def _change(day: Day, names: dict[str, str], was: Place | None, now: Place) -> dict[str, Any]:
    row = row_of(day, now.key)
    return {
        "line": _seated(day, row) if row else None,
        "was": f"{names.get(was.chair, 'a chair out of use')} at {clock(was.begins)}" if was else _no_chair(row),
        "other_hour": _comes_at(row, was) not in (None, now.begins),
        "now": f"{names[now.chair]} at {clock(now.begins)}",
        "until": clock(now.ends),
    }


def _no_chair(row: CycleDay | None) -> str:
    return f"no chair, comes at {row.starts_at:%H:%M}" if row and row.starts_at else "no chair, no hour"


def _comes_at(row: CycleDay | None, was: Place | None) -> int | None:
    """The minute for which the patient is expected as it is."""
    if was:
        return was.begins
    return minute_of(row.starts_at) if row and row.starts_at else None


def _choices(on: date, keep: bool) -> list[dict[str, Any]]:
    url = f"{reverse('chairs-proposal')}?on={on}"
    return [
        {"label": "Keep what is booked", "url": url, "current": keep},
        {"label": "Move what is booked too", "url": f"{url}&keep=no", "current": not keep},
    ]


def _lines(day: Day, going: Mapping[int, InChair] | None = None) -> list[Seated]:
    """By hour, then by chair; those without a chair last."""
    found = [_seated(day, row, (going or {}).get(row.pk)) for row in day.rows]
    return sorted(
        found, key=lambda line: (line.booking is None, line.begins, line.booking.chair.position if line.booking else 0)
    )


def _seated(day: Day, row: CycleDay, going: InChair | None = None) -> Seated:
    booking = day.bookings.get(row.pk)
    if booking is None:
        return Seated(row, None, day.minutes(row), going=going)
    begins, ends = booking.begins(day.site), booking.ends(day.site)
    return Seated(row, booking, booking.minutes, f"{begins:%H:%M}", f"{ends:%H:%M}", going)


def _facts(day: Day, places: Sequence[Place], going: Mapping[int, InChair] | None = None) -> Facts:
    opens, closes = day.open_minutes
    loads = rush(day.bare(), places)
    peak = measure(day.bare(), places).peak
    window = min((window for window, load in loads.items() if load == peak), default=None)
    placed = {place.key for place in places}
    return Facts(
        sum(place.minutes for place in places),
        (closes - opens) * len(day.chairs) if day.is_open else 0,
        peak,
        clock(opens + window * WINDOW) if window is not None else "",
        sum(str(row.uuid) not in placed for row in day.rows if row.state == DayState.PLANNED),
        clock(max(place.ends for place in places)) if places else "",
        len(going or {}),
        sum(one.is_over for one in (going or {}).values()),
    )


def _values(line: Seated) -> tuple[object, ...]:
    row, patient = line.row, line.row.plan.patient
    return (
        line.booking.chair.name if line.booking else "", line.begins, line.ends, line.minutes, patient.family_name,
        patient.given_name, patient.born_on, patient.mrn, line.short_name, row.cycle, row.state,
    )  # fmt: skip


def _now(site: Site, on: date) -> int | None:
    return minute_of(timezone.now().astimezone(site.zone).time()) if on == site.today() else None


def asked_day(text: str, site: Site) -> date:
    """The day asked for, or today where it cannot be read."""
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return site.today()
    return on if date(1990, 1, 1) <= on <= date(2200, 1, 1) else site.today()


def day_url(on: date) -> str:
    return f"{reverse('chairs')}?on={on}"


def crumbs(on: date) -> list[tuple[str, str]]:
    return [(f"Chairs, {in_words(on)}", day_url(on))]
