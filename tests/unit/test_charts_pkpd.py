"""Pictures of concentration and relief: what they say, and that they can be drawn."""

from surcease.charts.concentration import Predicted, concentration
from surcease.charts.outlook import Expected, relief, sentence
from surcease.charts.theme import spec

SHOWN = Predicted([0.0, 0.5, 1.0], [0.0, 200.0, 90.0], "kamp_2020", 0.5, [0, 150, 60], [0, 250, 120],
                  {"domino_1982": [0.0, 240.0, 55.0]})  # fmt: skip
BAND = {"q10": [0.6, 0.1], "q50": [0.8, 0.2], "q90": [0.9, 0.4]}
NONE = {"q10": [0.0, 0.0], "q50": [0.0, 0.0], "q90": [0.5, 0.1]}
EXPECTED = Expected([1, 8], BAND, NONE, 0.67, "rct")


def test_measured_samples_and_other_models_are_in_the_picture():
    drawn = str(spec(concentration(SHOWN, measured=[(0.75, 142.0)])))
    assert "142.0" in drawn
    assert "domino_1982" in drawn
    assert "other models as thin lines" in drawn
    assert "thin lines" not in str(spec(concentration(Predicted([0.0, 1.0], [0.0, 1.0], "kamp_2020", 0.5))))


def test_relief_shows_two_kinds_of_people_with_their_numbers():
    drawn = str(spec(relief(EXPECTED)))
    assert "67 in 100 respond to the drug" in drawn
    assert "33 do not" in drawn


def test_the_picture_in_words():
    assert sentence(EXPECTED) == (
        "Relief under the rct prior, week 1: 80 % (60–90) in responders, 0 % (0–50) in others; "
        "week 8: 20 % (10–40) in responders, 0 % (0–10) in others."
    )
