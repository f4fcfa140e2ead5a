"""QuestionnaireResponse → answers; answers that came as single Observations are put back into sittings."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from surcease.care.record import Answers, Day, Origin
from surcease.fhir.book import Book, Form, Question
from surcease.fhir.elements import Json, day, number, obj, objs, text
from surcease.fhir.observation import Part, answer
from surcease.fhir.origin import LeftOut
from surcease.fhir.own import QUESTIONNAIRE, find, has_origin
from surcease.fhir.write_said import SCORE

_COUNTS = {"completed", "amended", ""}


def response(resource: Json, origin: Origin | None, book: Book) -> Answers:
    """One sitting. Raises LeftOut for an unfinished one, or an instrument that is not known here."""
    status = text(resource, "status")
    if status == "entered-in-error":
        raise LeftOut("its source marked it as entered in error")
    if status not in _COUNTS:
        raise LeftOut("it is not finished")
    at = day(resource, "authored")
    canonical, _, version = text(resource, "questionnaire").partition("|")
    if canonical.startswith(QUESTIONNAIRE) and has_origin(resource):
        return _own(resource, canonical.removeprefix(QUESTIONNAIRE), version, at, origin)
    items = dict(_items(resource))
    by_code = {code: found for link, found in items.items() if (code := _loinc(link, found))}
    form = book.best(set(by_code)) or _by_total(set(by_code), book)
    if form is None:
        raise LeftOut("its questionnaire is not one we can score")
    answers = {q.id: _one(by_code[code], q) for code, q in form.items.items() if code in by_code}
    score = next((_number(by_code[code]) for code in form.totals if code in by_code), None)
    return Answers(form.id, version, answers, at, score, origin)


def _items(of: Json) -> Iterator[tuple[str, Json]]:
    """Every item that has an answer, groups opened, nested answers too."""
    for item in objs(of, "item"):
        if objs(item, "answer"):
            yield text(item, "linkId"), item
            for given in objs(item, "answer"):
                yield from _items(given)
        yield from _items(item)


def _loinc(link: str, item: Json) -> str:
    """The LOINC code of an item: from its linkId (``/44250-9``) or its definition."""
    for place in (link, text(item, "definition")):
        code = place.rsplit("/", 1)[-1].rsplit("#", 1)[-1]
        if code.count("-") == 1 and code.replace("-", "").isdecimal():
            return code
    return ""


def _by_total(codes: set[str], book: Book) -> Form | None:
    return next((form for form in book.forms.values() if form.totals & codes), None)


def _one(item: Json, question: Question) -> Any:
    given = [answer(a, question) for a in objs(item, "answer")]
    return given[0] if len(given) == 1 else tuple(str(v) for v in given if v is not None)


def _number(item: Json) -> Decimal | None:
    for given in objs(item, "answer"):
        for name in ("valueDecimal", "valueInteger"):
            if (found := number(given, name)) is not None:
                return found
        if quantity := obj(given, "valueQuantity"):
            return number(quantity, "value")
    return None


def _own(resource: Json, instrument: str, version: str, at: Day, origin: Origin | None) -> Answers:
    """Our own export: link ids are item ids, options are their codes, a skipped item is None."""
    listed = {text(item, "linkId"): item for item in objs(resource, "item")}
    score = _number(listed.pop(SCORE, {}))
    return Answers(instrument, version, {link: _kept(item) for link, item in listed.items()}, at, score, origin)


def _kept(item: Json) -> Any:
    given = [text(obj(a, "valueCoding"), "code") or answer(a, Question("")) for a in objs(item, "answer")]
    if find(item, "several"):
        return tuple(str(v) for v in given)
    return given[0] if given else None


def sittings(parts: list[Part], book: Book) -> list[Answers]:
    """Single answers and totals, put together by moment and instrument."""
    groups: dict[str, list[Part]] = {}
    for part in parts:
        groups.setdefault(part.group, []).append(part)
    return [sitting for group in groups.values() for sitting in _sittings(group, book)]


def _sittings(group: list[Part], book: Book) -> Iterator[Answers]:
    """The instruments of one moment: those that say so first, then whatever explains most of the single items."""
    whole: dict[str, list[Part]] = {}
    for part in group:
        if part.instrument:
            whole.setdefault(part.instrument, []).append(part)
    single = [p for p in group if not p.instrument]
    while single:
        codes = {p.code for p in single}
        named = [book.forms[i] for i in whole if codes & set(book.forms[i].items)]
        best = named[0] if named else book.best(codes)
        if best is None:  # cannot be: a single item is read because an instrument has it
            break
        whole.setdefault(best.id, []).extend(p for p in single if p.code in best.items)
        single = [p for p in single if p.code not in best.items]
    for instrument, found in whole.items():
        yield _sitting(book.forms[instrument], found)


def _sitting(form: Form, found: list[Part]) -> Answers:
    items = {form.items[p.code].id: p.value for p in found if p.code in form.items}
    totals = [p.value for p in found if not p.code and isinstance(p.value, Decimal)]
    first = found[0]
    return Answers(form.id, "", items, first.at, totals[0] if totals else None, first.origin)
