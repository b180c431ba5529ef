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
    from scheduling.models.patients import Patient


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
        number = self._numbered(mrn_lower=text.lower())
        found = list(self.filter(pk__in=number)[:2]) or list(self._by_whole_name(text)[:2])
        return found[0] if len(found) == 1 else None

    def _by_whole_name(self, text: str) -> PatientQuerySet:
        wanted = Lower(Unaccent(Value(text)))
        names = [("family_name", "given_name"), ("given_name", "family_name")]
        whole = {f"whole_{a}": Lower(Unaccent(Concat(F(a), Value(" "), F(b)))) for a, b in names}
        is_whole = Q(whole_family_name=wanted) | Q(whole_given_name=wanted)
        return self._by_name(text).alias(**whole).filter(is_whole) if " " in text else self.none()

    def _by_number(self, text: str) -> PatientQuerySet:
        by_phone = self.filter(phone__contains=text).order_by().values("pk")
        return self.filter(pk__in=self._numbered(mrn_lower__contains=text.lower()).union(by_phone))

    def _numbered(self, **condition: str) -> models.QuerySet[Any, Any]:
        """Keys by present and previous MRN. A union, because an OR over two tables reads both of them whole."""
        previous = self.model._meta.get_field("previous_mrns").related_model
        now = self.alias(mrn_lower=Lower("mrn")).filter(**condition).order_by().values("pk")
        before = previous._default_manager.alias(mrn_lower=Lower("mrn")).filter(**condition).values("patient_id")
        return now.union(before)

    def _by_name(self, text: str) -> PatientQuerySet:
        """Each word is like a name. How alike is enough, the database knows (settings, so that its index is used)."""
        words = [Lower(Unaccent(Value(word))) for word in re.split(r"[\s,]+", text) if word][:4]
        family, given = Lower(Unaccent(F("family_name"))), Lower(Unaccent(F("given_name")))
        found: PatientQuerySet = self.alias(family_plain=family, given_plain=given)
        score: Any = Value(0.0)
        for word in words:
            like = {"family_plain__trigram_word_similar": word}, {"given_plain__trigram_word_similar": word}
            found = found.filter(Q(**like[0]) | Q(**like[1]))
            score = score + Greatest(_alike(word, family), _alike(word, given))
        return found.order_by((-score).asc(), "family_name", "given_name")


def _alike(word: Lower, name: Lower) -> TrigramWordSimilarity:
    return TrigramWordSimilarity(word, name)  # type: ignore[arg-type]  # takes any expression, its stubs a str


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
