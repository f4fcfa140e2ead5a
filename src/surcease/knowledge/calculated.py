"""Recognise a total that a form computes as the plain sum of its items' ordinal scores, as LHC-Forms writes it.

Only the exact shape is recognised; any other expression is left to be refused by its name. LHC-Forms counts a blank
as nothing; here a blank leaves no total unless the scale allows it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

VARIABLE = "http://hl7.org/fhir/StructureDefinition/variable"
CALCULATED = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"
_ITEM = re.compile(
    r"%questionnaire\.item\.where\(linkId = '([^']+)'\)\.answerOption\.where\(valueCoding\.code="
    r"%resource\.item\.where\(linkId = '\1'\)\.answer\.valueCoding\.code\)"
    r"\.extension\.where\(url=%scoreExt\)\.valueDecimal"
)


def sum_of(item: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The link ids whose scores this item adds up, or None when it is not such a total."""
    variables = {}
    expression = ""
    for extension in item.get("extension", ()):
        value = extension.get("valueExpression", {})
        if extension.get("url") == VARIABLE:
            variables[str(value.get("name", ""))] = str(value.get("expression", ""))
        elif extension.get("url") == CALCULATED:
            expression = str(value.get("expression", ""))
    found = {name: match[1] for name, text in variables.items() if (match := _ITEM.fullmatch(text))}
    names = list(found)
    any_answered = " or ".join(f"%{name}.exists()" for name in names)
    total = " + ".join(f"iif(%{name}.exists(), %{name}, 0)" for name in names)
    scoring = variables.get("scoreExt", "").strip("'").rsplit("/", 1)[-1]
    plain = (
        names
        and scoring in ("ordinalValue", "itemWeight")
        and variables.get("any_questions_answered") == any_answered
        and expression == f"iif(%any_questions_answered, {total}, {{}})"
        and set(variables) == {*names, "scoreExt", "any_questions_answered"}
    )
    return tuple(found.values()) if plain else None
