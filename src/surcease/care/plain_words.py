"""What the person is told, in plain words: their own days, what was decided, and the trial's people, never a chance
of their own and never a dose."""

from __future__ import annotations

from datetime import date

from surcease.care.response import Response
from surcease.care.review import day
from surcease.knowledge.effect import relief_prior
from surcease.knowledge.library import Knowledge

ACTIONS = {
    "continue": "We go on as planned.",
    "adjust": "We will change the treatment. Your team tells you how before anything changes.",
    "booster": "We are thinking about another treatment. Your team will talk with you about it first.",
    "stop_futility": "We stop this treatment, because it has not helped enough.",
    "stop_harm": "We stop this treatment, because it did more harm than good.",
    "refer": "We ask another team to help as well.",
}
TRIAL = ("rct", 10)


def of_ten(knowledge: Knowledge, *, studied: bool, decide_on: date) -> tuple[str, ...]:
    """The trial's people in words, and the day on which we decide together. ``studied``: the person's pain and drug
    are those of the trial.

    >>> from surcease.knowledge import load
    >>> of_ten(load(), studied=True, decide_on=date(2026, 3, 30))[0]
    'Of 10 people in the trial, about 7 had less pain from the medicine. Of 10 who got salt water, about 2 felt better.'
    """
    name, people = TRIAL
    prior = relief_prior(knowledge, name)
    drug, placebo = round(people * prior.drug_share), round(people * prior.placebo_share)
    lines = [
        f"Of {people} people in the trial, about {drug} had less pain from the medicine. Of {people} who got salt "
        f"water, about {placebo} felt better.",
        "Nobody can tell before which of them you are. The trial treated a pain called CRPS, for four days, and most "
        "of the relief had gone after three months.",
    ]
    if not studied:
        lines.append("Your pain or your treatment is not the same as in this trial, so its numbers may not fit you.")
    return (*lines, f"We look at your days with you and decide together on {day(decide_on)}.")


def copy(
    found: Response | None, *, action: str, contact: date, kind: str
) -> tuple[str, ...]:  # fmt: skip
    """The patient's copy of a review."""
    return (*_days(found), ACTIONS[action], f"Next we speak on {day(contact)} ({kind}).",
            "Any question before then? Write to your team or call.")  # fmt: skip


def _days(found: Response | None) -> tuple[str, ...]:
    if found is None or found.baseline.mean is None:
        return ("There are not enough diary days from before the treatment to say how your pain changed.",)
    before = f"Before the treatment your average pain was {found.baseline.mean:.1f} out of 10"
    before += f" ({found.baseline.n} of 7 days written down)."
    if found.response.mean is None:
        return (before, "There are not enough days yet from the second week after it.")
    after = f"In the second week after it, it was {found.response.mean:.1f} ({found.response.n} of "
    return (before, after + f"{found.response.of} days).", "Days you left out count as missing, not as good or bad.")
