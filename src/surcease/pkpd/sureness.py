"""When would one know whether the drug works in this person? Possible diaries are drawn and judged beforehand.

A draw of the person writes the coming scores; the other draws, weighted by how well they explain them, say how likely
a responder is. The share of such diaries that end beyond 90 % or under 10 % is the chance of knowing by that day.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from surcease.pkpd.chance import normals
from surcease.pkpd.person import Course, Person, pain
from surcease.pkpd.relief import KINDS

Floats = NDArray[np.float64]
JUDGES, WRITERS, SURE = 250, 50, 0.9
_STREAM = 23


def sureness(person: Person, there: Course, *, seed: int) -> Floats:
    """Chance of knowing by each of the times of ``there``, (times,); 1 where the person is already known."""
    judges = np.linspace(0, len(person.kind) - 1, min(JUDGES, len(person.kind))).astype(int)
    writers = np.linspace(0, len(judges) - 1, min(WRITERS, len(judges))).astype(int)
    calm = pain(person, there)[judges]
    width = person.values["day_to_day_sd"][judges][:, None]
    scatter = normals(range(len(writers)), calm.shape[1], seed=seed, stream=_STREAM)
    written = np.clip(calm[writers] + width[writers] * scatter, 0.0, 10.0)
    logs = np.cumsum(-0.5 * ((written[:, None] - calm) / width) ** 2 - np.log(width), axis=2)
    logs[np.arange(len(writers)), writers] = -np.inf  # no draw judges its own diary
    share = np.exp(logs - logs.max(axis=1, keepdims=True))
    responds = np.array([bool(r) for r, _ in KINDS])[person.kind[judges]]
    chance = share[:, responds].sum(axis=1) / share.sum(axis=1)
    return np.asarray(((chance >= SURE) | (chance <= 1 - SURE)).mean(axis=0))
