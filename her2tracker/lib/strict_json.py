"""Frozen dataclasses to JSON and back, so strictly that nothing is read that was not meant.

A key too many, one too few, twice the same, a word nobody listed, a number that is no number: each is refused in a
sentence that names where it stands. Decimals travel as text, days as ISO text.
"""

from __future__ import annotations

import dataclasses
import json
import types
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

T = TypeVar("T")
LONGEST_TEXT = 2000
LONGEST_LIST = 1000
LONGEST_NUMBER = 12


class Unreadable(ValueError):
    """Not what was asked for. The message is a sentence for the person who sent it."""


def dump(value: Any) -> Any:
    """`value` in what JSON knows."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: dump(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, list | tuple):
        return [dump(one) for one in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value) if isinstance(value, UUID) else value


def canonical(value: Any) -> bytes:
    """The one way to write it: what a checksum is of, whatever spaces and order of keys it arrived with."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def parse(text: str) -> Any:
    """JSON without doubled keys and without NaN. Raises Unreadable."""
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_no_number)
    except (ValueError, RecursionError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("The file is no JSON, so it is no handover card, or it was cut off on its way.") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unreadable("A key stands twice in the same place of the file.")
    return found


def _no_number(text: str) -> Any:
    raise Unreadable(f"“{text[:20]}” is no figure of a handover card.")


def load(kind: type[T], raw: Any, at: str = "") -> T:
    """`raw` as `kind`. Raises Unreadable."""
    found: T = _read(kind, raw, at)
    return found


def _read(kind: Any, raw: Any, at: str) -> Any:
    if dataclasses.is_dataclass(kind):
        return _object(kind, raw, at)
    origin = get_origin(kind)
    if origin is tuple:
        if not isinstance(raw, list) or len(raw) > LONGEST_LIST:
            raise Unreadable(f"{at}: is no list of at most {LONGEST_LIST}.")
        return tuple(_read(get_args(kind)[0], one, f"{at}[{number}]") for number, one in enumerate(raw, start=1))
    if origin in (Union, types.UnionType):
        (wanted,) = (one for one in get_args(kind) if one is not type(None))
        return None if raw is None else _read(wanted, raw, at)
    if origin is Literal:
        return _one_of(get_args(kind), raw, at)
    return _plain(kind, raw, at)


def _object(kind: Any, raw: Any, at: str) -> Any:
    hints = _hints(kind)
    if not isinstance(raw, dict):
        raise Unreadable(f"{at or 'The card'}: is missing or no object.")
    inside = f"{at}." if at else ""
    if missing := [name for name in hints if name not in raw]:
        raise Unreadable(f"{inside}{missing[0]}: is missing.")
    if strange := [str(name)[:40] for name in raw if name not in hints]:
        raise Unreadable(f"{inside}{strange[0]}: is not known here.")
    return kind(**{name: _read(wanted, raw[name], f"{inside}{name}") for name, wanted in hints.items()})


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return {field.name: get_type_hints(kind)[field.name] for field in dataclasses.fields(kind)}


def _one_of(words: Any, raw: Any, at: str) -> Any:
    if raw in words and isinstance(raw, str):
        return raw
    raise Unreadable(f"{at}: “{str(raw)[:40]}” is not one of {', '.join(sorted(words))}.")


def _plain(kind: Any, raw: Any, at: str) -> Any:
    if kind is bool or kind is int:
        if type(raw) is kind and (kind is bool or abs(raw) < 10**6):
            return raw
        raise Unreadable(f"{at}: is no {'yes or no' if kind is bool else 'whole number'}.")
    if not isinstance(raw, str) or len(raw) > LONGEST_TEXT or "\0" in raw or not _is_text(raw):
        raise Unreadable(f"{at}: is no text of at most {LONGEST_TEXT} characters.")
    if kind is str:
        return raw
    if issubclass(kind, StrEnum):
        return kind(_one_of([one.value for one in kind], raw, at))
    return _of_text(kind, raw, at)


def _is_text(raw: str) -> bool:
    """Half a character is none."""
    try:
        raw.encode()
    except UnicodeEncodeError:
        return False
    return True


def _of_text(kind: Any, raw: str, at: str) -> Any:
    try:
        if kind is Decimal:
            figure = Decimal(raw)
            if not figure.is_finite() or len(raw) > LONGEST_NUMBER:
                raise InvalidOperation
            return figure
        if kind is date and len(raw) != len("2026-01-05"):
            raise ValueError
        return UUID(raw) if kind is UUID else kind.fromisoformat(raw)
    except (ValueError, InvalidOperation) as error:
        words = {Decimal: "figure", date: "day like 2026-01-05", datetime: "moment", UUID: "id"}
        raise Unreadable(f"{at}: “{raw[:40]}” is no {words[kind]}.") from error
