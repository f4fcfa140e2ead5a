"""`make bench-calibration`: is the personal posterior right? Simulation-based calibration, written to docs/benchmarks.

A person is drawn from the prior, scores, and is fitted; the truth's rank among the posterior's draws is uniform if and
only if the posterior is right (Talts et al. 2018, arXiv:1804.06788). Seeds are fixed; the tests run the same fits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chisquare

from bench import machine, report
from bench.forecast_people import CALIBRATION, WORLDS, Setting, covered_fairly, invent, learn, setting
from surcease.pkpd.person import NAMES, Person, pain, scored
from surcease.pkpd.relief import KINDS

Floats = NDArray[np.float64]

PEOPLE, BINS, KEEP = 2000, 20, 399
RESPONDS = np.array([r for r, _ in KINDS])


@dataclass(frozen=True, slots=True)
class Calibration:
    """Ranks 0…KEEP by quantity, the share of days ahead inside the 80 % band, stated and true response (people, 2)."""

    ranks: Mapping[str, list[int]]
    cover: float
    stated: Floats

    def p(self, name: str, bins: int = BINS) -> float:
        """Chi-square p of a flat rank histogram."""
        return float(chisquare(np.histogram(self.ranks[name], bins, (0, KEEP + 1))[0]).pvalue)

    @property
    def bias(self) -> float:
        """Mean stated chance of response less the true share, in standard errors."""
        chance, truth = self.stated.T
        return float((chance.mean() - truth.mean()) * len(truth) / np.sqrt((chance * (1 - chance)).sum()))


def calibrate(here: Setting, people: int) -> Calibration:
    """Fit ``people`` invented people whose truth is known."""
    ranks: dict[str, list[int]] = {name: [] for name in (*NAMES, "responder", "pain in eight weeks")}
    cover, stated = [], []
    for n in range(people):
        who, rng = invent(here, WORLDS[0], CALIBRATION + n), np.random.default_rng(CALIBRATION * 2 + n)
        person = learn(here, who, CALIBRATION + n, keep=KEEP)
        truth = Person(here.belief, np.array([who.kind]), who.shifts[None], np.zeros(4), 0.0, 0)
        for i, name in enumerate(NAMES):
            ranks[name].append(int((person.shifts[:, i] < who.shifts[i]).sum()))
        ranks["responder"].append(_rank(RESPONDS[person.kind], RESPONDS[who.kind], rng))
        ahead = here.some(who.ahead)
        ranks["pain in eight weeks"].append(_rank(pain(person, ahead)[:, -1], pain(truth, ahead)[0, -1], rng))
        drawn = scored(person, ahead, seed=CALIBRATION + n)
        cover.append(covered_fairly(drawn, who.score[who.ahead], rng).mean())
        stated.append((person.responder, RESPONDS[who.kind]))
    return Calibration(ranks, float(np.mean(cover)), np.array(stated, float))


def _rank(drawn: Any, truth: Any, rng: np.random.Generator) -> int:
    """How many draws are lower; among equal ones the place is drawn."""
    return int((drawn < truth).sum() + rng.integers(0, np.isclose(drawn, truth, atol=1e-12).sum() + 1))


def figures(found: Calibration) -> dict[str, Any]:
    """What is written down."""
    return {
        "day": report.today(), "machine": machine.describe(), "people": len(found.stated), "draws": KEEP, "bins": BINS,
        "chi_square_p": {name: found.p(name) for name in found.ranks},
        "histograms": {n: np.histogram(r, BINS, (0, KEEP + 1))[0].tolist() for n, r in found.ranks.items()},
        "band_80_covers": found.cover, "responders_bias_se": found.bias,
    }  # fmt: skip


def page(found: Mapping[str, Any]) -> str:
    """Markdown."""
    rows = [
        [name.replace("_", " "), f"{p:.3f}", f"{min(found['histograms'][name])} to {max(found['histograms'][name])}"]
        for name, p in found["chi_square_p"].items()
    ]
    expected = found["people"] / found["bins"]
    return "\n\n".join([
        "# Calibration of the personal posterior",
        "Made by `make bench-calibration`; do not edit.",
        f"{found['day']}. {found['people']:,} people drawn from the prior, each fitted to their own invented diary "
        f"(weeks before the forecast only), {found['draws']} draws each, fixed seeds. If the posterior is right, the "
        "truth's rank among the draws is uniform. Required: p above 0.01 for every quantity, and 77 to 83 % of later "
        "days inside the 80 % band (a band that ends inside a whole score counts the share of it).",
        report.table(
            ["quantity", "chi-square p of flat ranks", f"people in a twentieth (expected {expected:.0f})"], rows
        ),
        f"The 80 % band covers {100 * found['band_80_covers']:.1f} % of the days ahead. The stated chances of response "
        f"differ from the true share by {found['responders_bias_se']:+.1f} standard errors.",
        "`make test` runs the first 200 of these people (p above 0.001), `make test-long` all of them.",
    ])  # fmt: skip


def main() -> None:
    """Run it and write the results."""
    found = figures(calibrate(setting(), PEOPLE))
    report.write("calibration", found, page(found))
    print(page(found))


if __name__ == "__main__":
    main()
