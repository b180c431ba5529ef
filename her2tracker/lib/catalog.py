"""TOML files in, the cores' frozen dataclasses out. The one place that knows pydantic.

Unknown keys are errors, a figure left out does not count, and 3.6 is exactly 3.6. A published
version is frozen: its digest is over the meaning (parsed, canonical), so a comment may change.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from her2tracker.lib.bounds import Bounds
from her2tracker.lib.sources import Citation, Confidence, Document

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

SOURCES = Path(__file__).parent.parent / "sources"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong with a file: where (keys and places from its top) and what."""

    path: tuple[str | int, ...]
    said: str


class CatalogError(ValueError):
    """A data file that cannot be used, said in words with the file's name; `mistakes` where each has a place."""

    def __init__(self, message: str, mistakes: tuple[Mistake, ...] = ()) -> None:
        super().__init__(message)
        self.mistakes = mistakes


class FileModel(BaseModel):
    """A table of a data file: unknown keys are errors, values are what TOML says they are."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class BoundsModel(FileModel):
    below: Decimal | None = None
    at_most: Decimal | None = None
    at_least: Decimal | None = None
    over: Decimal | None = None

    @model_validator(mode="after")
    def _has_a_limit(self) -> BoundsModel:
        self.to_core()
        return self

    def to_core(self) -> Bounds:
        return Bounds(self.below, self.at_most, self.at_least, self.over)


class Cited(FileModel):
    """Mixin of every table that states a clinical figure: its source, and how far that was checked."""

    source: str = Field(pattern=r"^[a-z0-9-]+#[a-z0-9-]+$")
    confidence: Confidence = Confidence.VERIFIED

    @property
    def citation(self) -> Citation:
        return Citation.parse(self.source, self.confidence)


class _DocumentFile(FileModel):
    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    publisher: str
    version: str
    dated: str
    address: str
    confidence: Confidence
    note: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """One file as read: its raw tables (JSON-able) and the digest that freezes them."""

    id: str
    version: int
    raw: dict[str, Any]
    digest: str


def read(path: Path) -> dict[str, Any]:
    """The file's tables. Raises CatalogError when it is not TOML."""
    return parse(path.read_text(encoding="utf-8"), name=path.name)


def parse(text: str, *, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"{name}: {error}") from error


def validate(model: type[M], raw: dict[str, Any], *, name: str) -> M:
    """`raw` as `model`, or one CatalogError that lists every mistake by its place."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors()]
        mistakes = tuple(Mistake(tuple(e["loc"]), e["msg"]) for e in error.errors())
        raise CatalogError(f"{name}: " + "; ".join(lines), mistakes) from error


def definition(raw: dict[str, Any]) -> Definition:
    """Freeze `raw`: canonical JSON (decimals and dates as text) and its SHA-256."""
    canonical = json.dumps(raw, sort_keys=True, default=_as_text, ensure_ascii=False)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return Definition(str(raw["id"]), int(raw["version"]), json.loads(canonical), digest)


def _as_text(value: Any) -> str:
    if isinstance(value, Decimal | date):
        return str(value)
    raise TypeError(f"a data file may not hold {type(value).__name__}")


def load_folder(folder: Path, convert: Callable[[dict[str, Any], str], T]) -> dict[tuple[str, int], T]:
    """Every `<id>-v<version>.toml` of a folder, keyed (id, version); the name must match the content."""
    found: dict[tuple[str, int], T] = {}
    for path in sorted(folder.glob("*.toml")):
        raw = read(path)
        key = (str(raw.get("id")), int(raw.get("version", 0)))
        if path.stem != f"{key[0]}-v{key[1]}":
            raise CatalogError(f"{path.name}: must be named {key[0]}-v{key[1]}.toml after its id and version")
        found[key] = convert(raw, path.name)
    return found


def load_newest(folder: Path, convert: Callable[[dict[str, Any], str], tuple[T, ...]]) -> tuple[T, ...]:
    """The rows of the newest version of each file of a folder."""
    newest: dict[str, tuple[int, tuple[T, ...]]] = {}
    for (id_, version), found in load_folder(folder, convert).items():
        newest[id_] = max(newest.get(id_, (0, ())), (version, found), key=lambda pair: pair[0])
    return tuple(row for _, found in newest.values() for row in found)


@cache
def documents() -> dict[str, Document]:
    """All cited documents by id."""
    found = {}
    for path in sorted(SOURCES.glob("*.toml")):
        entry = validate(_DocumentFile, read(path), name=path.name)
        if path.stem != entry.id:
            raise CatalogError(f"{path.name}: must be named {entry.id}.toml after its id")
        found[entry.id] = Document(**entry.model_dump())
    return found
