"""Search parameters over resource dicts: token, date, string and uri, as R4 defines them, for the few we serve."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from surcease.care.partial import PartialDate, bounds
from surcease.fhir.elements import Json

Test = Callable[[Any, str], bool]
#: type → parameter → (kind, path); a path goes through lists
PARAMETERS: dict[str, dict[str, tuple[str, str]]] = {
    "Patient": {
        "identifier": ("token", "identifier"), "family": ("string", "name.family"), "given": ("string", "name.given"),
        "birthdate": ("date", "birthDate"), "gender": ("token", "gender"),
    },
    "Condition": {
        "code": ("token", "code.coding"), "clinical-status": ("token", "clinicalStatus.coding"),
        "onset-date": ("date", "onsetDateTime"),
    },
    "AllergyIntolerance": {
        "code": ("token", "code.coding"), "clinical-status": ("token", "clinicalStatus.coding"),
    },
    "MedicationStatement": {
        "code": ("token", "medicationCodeableConcept.coding"), "status": ("token", "status"),
        "effective": ("date", "effectivePeriod.start"),
    },
    "Observation": {
        "code": ("token", "code.coding"), "date": ("date", "effectiveDateTime"), "status": ("token", "status"),
    },
    "QuestionnaireResponse": {
        "questionnaire": ("uri", "questionnaire"), "authored": ("date", "authored"), "status": ("token", "status"),
    },
    "MedicationAdministration": {
        "effective-time": ("date", "effectivePeriod.start"), "status": ("token", "status"),
    },
    "Questionnaire": {"url": ("uri", "url"), "code": ("token", "code")},
}  # fmt: skip
_PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le")


class SearchError(ValueError):
    """A search that cannot be answered, with one sentence."""


def search(resources: Iterable[Json], kind: str, asked: Mapping[str, Sequence[str]]) -> list[Json]:
    """The resources of one type that fit every parameter; values of one parameter joined by commas are alternatives.

    Raises SearchError for a parameter or value we do not serve: leaving it out would answer another question.
    """
    tests = [_tests(kind, name, value) for name, values in asked.items() for value in values]
    return [r for r in resources if r["resourceType"] == kind and all(fits(r) for fits in tests)]


def _tests(kind: str, name: str, value: str) -> Callable[[Json], bool]:
    if name == "_id":
        return lambda resource: resource.get("id") in value.split(",")
    known = PARAMETERS.get(kind, {})
    if name not in known:
        raise SearchError(
            f"{kind} has no search parameter {name!r} here: use _id, {', '.join(known) or 'nothing else'}."
        )
    how, path = known[name]
    test = _TESTS[how]
    choices = [part for part in value.split(",") if part]
    if how == "date":
        for part in choices:
            _span(part)
    return lambda resource: any(test(found, part) for found in _at(resource, path.split(".")) for part in choices)


def _at(value: Any, path: Sequence[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for part in value:
            yield from _at(part, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _at(value[path[0]], path[1:])


def _token(found: Any, asked: str) -> bool:
    system, bar, code = asked.rpartition("|")
    if isinstance(found, str):
        return found == code
    held = found.get("code", found.get("value"))
    if bar and found.get("system", "") != system:
        return False
    return not code or held == code


def _string(found: Any, asked: str) -> bool:
    return isinstance(found, str) and found.casefold().startswith(asked.casefold())


def _uri(found: Any, asked: str) -> bool:
    return isinstance(found, str) and asked in (found, found.partition("|")[0])


def _date(found: Any, asked: str) -> bool:
    """By intervals, as R4 has it: what is known of the value against what was asked."""
    prefix, low, high = _span(asked)
    _, start, end = _span(str(found))
    return {
        "eq": low <= start and end <= high,
        "ne": not (low <= start and end <= high),
        "gt": end > high,
        "lt": start < low,
        "ge": end > high or (low <= start and end <= high),
        "le": start < low or (low <= start and end <= high),
    }[prefix]


def _span(text: str) -> tuple[str, datetime, datetime]:
    """Prefix, first and last instant of a date as precise as it is."""
    prefix = text[:2] if text[:2] in _PREFIXES else "eq"
    said = text.removeprefix(prefix) if text[:2] in _PREFIXES else text
    try:
        if len(said) in (4, 7):
            first, last = bounds(PartialDate.of(said))
        elif len(said) == 10:
            first = last = date.fromisoformat(said)
        else:
            moment = datetime.fromisoformat(said)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return prefix, moment, moment
    except ValueError:
        raise SearchError(f"{said!r} is not a date: write 2026, 2026-03, 2026-03-02 or an instant.") from None
    start = datetime.combine(first, time(), UTC)
    return prefix, start, datetime.combine(last, time(), UTC) + timedelta(days=1, microseconds=-1)


_TESTS: dict[str, Test] = {"token": _token, "string": _string, "uri": _uri, "date": _date}
