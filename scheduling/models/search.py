"""Finding a patient: by name (accents and slips of the finger tolerated), MRN, or date of birth."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Greatest, Lower

if TYPE_CHECKING:
    from scheduling.models.patients import Patient  # noqa: F401

SIMILAR_ENOUGH = 0.4


class Unaccent(models.Func):
    """Accents off, by the immutable wrapper that migration 0001 makes so that an index may use it."""

    function = "her2_unaccent"
    output_field = models.TextField()
    arity = 1


class PatientQuerySet(models.QuerySet["Patient"]):
    def at(self, site: Any) -> PatientQuerySet:
        """Living records of one site: a merged record is found through the one it went into."""
        return self.filter(site=site, merged_into=None)

    def search(self, text: str) -> PatientQuerySet:
        """The best matches first; everything when nothing was typed."""
        text = _cleaned(text)
        if not text:
            return self
        born = parse_birth_date(text)
        if born:
            return self.filter(born_on=born)
        return self._by_number(text) if any(c.isdigit() for c in text) else self._by_name(text)

    def exactly(self, text: str) -> Patient | None:
        """The one patient whose number, present or previous, or whole name this is; None when nobody or several."""
        text = _cleaned(text).replace(",", "")
        number = Q(mrn__iexact=text) | Q(previous_mrns__mrn__iexact=text)
        found = list(self.filter(number).distinct()[:2]) or list(self._by_whole_name(text)[:2])
        return found[0] if len(found) == 1 else None

    def _by_whole_name(self, text: str) -> PatientQuerySet:
        wanted = Lower(Unaccent(Value(text)))
        names = [("family_name", "given_name"), ("given_name", "family_name")]
        whole = {f"whole_{a}": Lower(Unaccent(Concat(F(a), Value(" "), F(b)))) for a, b in names}
        is_whole = Q(whole_family_name=wanted) | Q(whole_given_name=wanted)
        return self._by_name(text).annotate(**whole).filter(is_whole) if " " in text else self.none()

    def _by_number(self, text: str) -> PatientQuerySet:
        own = Q(mrn__icontains=text) | Q(phone__icontains=text)
        return self.filter(own | Q(previous_mrns__mrn__icontains=text)).distinct()

    def _by_name(self, text: str) -> PatientQuerySet:
        words = [Lower(Unaccent(Value(word))) for word in re.split(r"[\s,]+", text) if word][:4]
        found: PatientQuerySet = self
        score: Any = Value(0.0)
        for index, word in enumerate(words):
            alias = f"match_{index}"
            family = TrigramWordSimilarity(word, Lower(Unaccent(F("family_name"))))
            given = TrigramWordSimilarity(word, Lower(Unaccent(F("given_name"))))
            found = found.annotate(**{alias: Greatest(family, given)}).filter(**{f"{alias}__gte": SIMILAR_ENOUGH})
            score = score + F(alias)
        return found.order_by((-score).asc(), "family_name", "given_name")


def _cleaned(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())


def parse_birth_date(text: str) -> date | None:
    """`1972-03-12`, `12.03.1972` or `12/3/1972` (day first, as sites here write it); else None."""
    match = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text)
    if match:
        year, month, day = map(int, match.groups())
    else:
        match = re.fullmatch(r"(\d{1,2})[./](\d{1,2})[./](\d{4})", text)
        if not match:
            return None
        day, month, year = map(int, match.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None
