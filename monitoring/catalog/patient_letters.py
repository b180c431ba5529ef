"""The wordings as shipped, by language, and the words that no letter says."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from pathlib import Path

from django.utils import dateformat, translation

from her2tracker.lib.catalog import FileModel, validate
from her2tracker.lib.languages import nearest
from monitoring.core.patient_letters import LetterKind, Wording

FILE = Path(__file__).parent.parent / "letters" / "patient-v1.toml"
FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class PageWords:
    """What the patient's own page says."""

    title: str
    asked: str
    coming: str
    other_day: str
    words: str
    stop: str
    thanks_coming: str
    thanks_other_day: str
    thanks_stop: str
    past: str
    too_many: str


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    day: str
    and_hour: str
    wordings: Mapping[LetterKind, Wording]
    page: PageWords

    def when(self, day: date, hour: time | None = None) -> str:
        """`Monday 5 January 2026, 09:30`, in this language's own names."""
        with translation.override(self.code):
            said = str(dateformat.format(day, self.day))
        return self.and_hour.format(day=said, hour=f"{hour:%H:%M}") if hour else said


class WordingModel(FileModel):
    subject: str
    text: str
    sms: str

    def to_core(self) -> Wording:
        return Wording(self.subject, self.text.strip() + "\n", self.sms)


class LanguageModel(FileModel):
    day: str
    and_hour: str
    infusion: WordingModel
    examination: WordingModel
    moved: WordingModel
    page: dict[str, str]


class LettersFile(FileModel):
    id: str
    version: int
    kept_out: tuple[str, ...]
    en: LanguageModel
    de: LanguageModel
    es: LanguageModel
    fr: LanguageModel


@cache
def languages() -> dict[str, Language]:
    """By code, English first. Raises CatalogError, and TypeError when a language lacks a word of its page."""
    file = _file()
    found = {code: getattr(file, code) for code in ("en", "de", "es", "fr")}
    return {
        code: Language(
            code,
            said.day,
            said.and_hour,
            {kind: getattr(said, kind.value).to_core() for kind in LetterKind},
            PageWords(**said.page),
        )
        for code, said in found.items()
    }


def language_for(code: str) -> Language:
    """The language asked for, its main one (`de` for `de-at`), else English."""
    known = languages()
    return known[nearest(code, known, FALLBACK)]


@cache
def kept_out() -> tuple[str, ...]:
    """Whole words in any case."""
    return _file().kept_out


@cache
def _file() -> LettersFile:
    return validate(LettersFile, tomllib.loads(FILE.read_text(encoding="utf-8")), name=FILE.name)
