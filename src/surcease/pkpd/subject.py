"""Whom a simulation is for: weight, what is known, and what shifts exposure. One small noun for every verb."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from surcease.pkpd.individual import Known, Number


@dataclass(frozen=True, slots=True)
class Subject:
    """A person, or people alike: ``weight_kg`` may be an array over people, so may numbers in ``known``.

    ``shifts`` are fixed random effects by parameter (see :mod:`exposure`), added to whatever chance draws.
    """

    weight_kg: Number = 70.0
    known: Known = field(default_factory=dict)
    shifts: Mapping[str, float] = field(default_factory=dict)
