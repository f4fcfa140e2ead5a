"""Condition → care.record.Condition; AllergyIntolerance → care.record.Allergy."""

from __future__ import annotations

from surcease.care.record import Allergy, Condition, Day, Origin
from surcease.fhir.elements import (
    SNOMED,
    Json,
    ShapeError,
    code_of,
    codes,
    day,
    obj,
    objs,
    text,
    words,
)
from surcease.fhir.origin import LeftOut
from surcease.fhir.own import find

_CLINICAL = {
    "active": "active", "recurrence": "active", "relapse": "active",
    "inactive": "inactive", "remission": "inactive", "resolved": "resolved",
}  # fmt: skip
_VERIFIED = {"confirmed": True, "refuted": False}  # provisional, differential and unconfirmed are None
# "No known allergy" and "no known drug allergy" answer the question that is asked before a drug is given.
_NONE_KNOWN = {"716186003", "409137002"}
_NOT_ASKED = {"1631000175102"}


def condition(resource: Json, origin: Origin | None) -> Condition:
    """A problem or diagnosis. Refuted ones are kept and say so; entered-in-error ones raise LeftOut."""
    _refuse_error(obj(resource, "verificationStatus"))
    said = obj(resource, "code")
    if not codes(said) and not words(said):
        raise ShapeError("it names no condition")
    ended = _when(resource, "abatement")
    status = _CLINICAL.get(code_of(obj(resource, "clinicalStatus")), "")
    return Condition(
        codes=codes(said),
        text=words(said),
        status=text(find(resource, "status"), "valueCode") or status or ("resolved" if ended else "unknown"),
        onset=_when(resource, "onset"),
        ended=ended,
        verified=_VERIFIED.get(code_of(obj(resource, "verificationStatus"))),
        note=_note(resource),
        origin=origin,
    )


def allergy(resource: Json, origin: Origin | None) -> Allergy:
    """An allergy or intolerance; "no known (drug) allergy" is an answer and becomes ``none_known``."""
    _refuse_error(obj(resource, "verificationStatus"))
    said = obj(resource, "code")
    if not codes(said) and not words(said):
        raise ShapeError("it names no substance")
    snomed = {c.code for c in codes(said) if c.system == SNOMED}
    if snomed & _NOT_ASKED:
        raise LeftOut("the person was not asked: that is no answer")
    refuted = code_of(obj(resource, "verificationStatus")) == "refuted"
    return Allergy(
        codes=codes(said),
        text=words(said),
        status="refuted" if refuted else _CLINICAL.get(code_of(obj(resource, "clinicalStatus")), "active"),
        reaction="; ".join(_reactions(resource)),
        none_known=bool(snomed & _NONE_KNOWN or find(resource, "none-known")) and not refuted,
        origin=origin,
    )


def _refuse_error(verification: Json) -> None:
    if code_of(verification) == "entered-in-error":
        raise LeftOut("its source marked it as entered in error")


def _when(resource: Json, name: str) -> Day:
    """The date form of onset[x] or abatement[x]; ages, ranges and words stay in the note."""
    found = day(resource, f"{name}DateTime")
    return found if found is not None else day(obj(resource, f"{name}Period"), "start" if name == "onset" else "end")


def _note(resource: Json) -> str:
    """Free words, and the forms of onset and status that a date cannot hold."""
    parts = [text(n, "text") for n in objs(resource, "note")]
    parts += [f"{name}: {text(resource, f'{name}String')}" for name in ("onset", "abatement")]
    if age := obj(resource, "onsetAge"):
        parts.append(f"onset: at age {age.get('value')} {text(age, 'unit') or text(age, 'code')}".rstrip())
    if (status := code_of(obj(resource, "clinicalStatus"))) in ("remission", "recurrence", "relapse"):
        parts.append(status)
    return "; ".join(p for p in parts if p and not p.endswith(": "))


def _reactions(resource: Json) -> list[str]:
    found = [m for r in objs(resource, "reaction") for m in objs(r, "manifestation")]
    return list(dict.fromkeys(w for w in map(words, found) if w))
