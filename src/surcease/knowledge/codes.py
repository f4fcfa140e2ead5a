"""Match codings: ``system|code`` with short or full system names; ICD and a trailing ``*`` match by prefix."""

from __future__ import annotations

from collections.abc import Iterable

SYSTEMS = {
    "snomed": "http://snomed.info/sct",
    "icd10": "http://hl7.org/fhir/sid/icd-10-cm",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "loinc": "http://loinc.org",
}
_SHORT = {url: short for short, url in SYSTEMS.items()} | {"http://hl7.org/fhir/sid/icd-10": "icd10"}


def plain_code(coding: str) -> tuple[str, str]:
    """(short system, code) of ``system|code``; ICD codes lose the dot that some systems leave out.

    >>> plain_code("http://hl7.org/fhir/sid/icd-10-cm|G90.50"), plain_code("icd10|G9050")
    (('icd10', 'G9050'), ('icd10', 'G9050'))
    """
    system, _, code = coding.rpartition("|")
    system = _SHORT.get(system, system)
    return system, code.replace(".", "").upper() if system == "icd10" else code


def has_any(held: Iterable[str], wanted: Iterable[str]) -> bool:
    """Whether a person's codings contain one that is wanted.

    >>> has_any(("icd10|G9051",), ("icd10|G90.5",)), has_any(("snomed|1282000001",), ("snomed|128200000",))
    (True, False)
    """
    mine = [plain_code(c) for c in held]
    return any(_matches(code, plain_code(w)) for w in wanted for code in mine)


def _matches(held: tuple[str, str], wanted: tuple[str, str]) -> bool:
    if held[0] != wanted[0]:
        return False
    if wanted[0] == "icd10" or wanted[1].endswith("*"):
        return held[1].startswith(wanted[1].rstrip("*"))
    return held[1] == wanted[1]
