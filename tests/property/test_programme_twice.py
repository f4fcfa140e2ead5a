"""The pump programme, calculated twice: generated orders, and a catalogue of slips made by the second person.

The generator writes orders as prescribers do (per kg, absolute, in steps), for stated vials and bags; the two
calculations share no code. A slip is a re-entry that would change what is given by more than the tolerance.
"""

import random
import subprocess
import sys
from decimal import Decimal as D

import pytest

from surcease.care import programme_check
from surcease.care.programme import Bag, programme
from surcease.care.programme_check import Entries, check, disagreements, recompute
from surcease.units import Quantity

VIALS = ("5", "10", "25", "50", "100")
BAGS = ("20", "50", "100", "250", "500", "1000")


def number(rng, low, high, places):
    return f"{rng.randint(int(low * 10**places), int(high * 10**places)) / 10**places:.{places}f}"


def an_order(rng):
    """Words of an order, of every shape a pump can run."""
    hours, minutes = str(rng.choice((1, 2, 3, 4, 5, 6, 7, 8, 12, 24, 96))), str(rng.choice((30, 40, 45, 60, 90)))
    return rng.choice(
        (
            f"{number(rng, 0.05, 2, 2)} mg/kg/h for {hours} h iv",
            f"{number(rng, 0.1, 1, 3)} mg/kg over {minutes} min iv",
            f"{number(rng, 1, 30, 1)} mcg/kg/min for {hours} h iv",
            f"{number(rng, 1, 60, 2)} mg/h for {minutes} min sc",
            f"{number(rng, 5, 300, 1)} mg over {hours} h iv racemic",
            f"{rng.randint(1, 9)} to {rng.randint(10, 40)} mg/h by {rng.randint(1, 7)} every {rng.randint(1, 6)} h "
            f"for {hours} h iv esketamine",
            f"{number(rng, 0.05, 0.2, 2)} mg/kg/h for {hours} h iv then {number(rng, 0.2, 0.5, 3)} mg/kg/h "
            f"for {minutes} min iv",
        )
    )


def a_case(rng):
    """An order, a weight, a vial, a bag and how the bag is made, such that the drug fits; and its programme."""
    while True:
        order, kg = an_order(rng), number(rng, 35, 180, 1)
        vial, bag = rng.choice(VIALS), rng.choice(BAGS)
        concentration = rng.choice(("", "", "", "0.5", "1", "2"))
        preparation = rng.choice(("withdraw", "withdraw", "empty") if concentration else ("withdraw", "add", "empty"))
        overfill = rng.choice((None, None, "3.5", "7")) if preparation != "empty" else None
        try:
            made = programme(
                order, weight_kg=D(kg), vial=Quantity.of(vial, "mg/mL"),
                bag=Bag(D(bag), preparation, overfill_ml=None if overfill is None else D(overfill)),
                concentration=Quantity.of(concentration, "mg/mL") if concentration else None,
            )  # fmt: skip
        except ValueError:
            continue  # the drug does not fit, or the pump cannot be set so low
        how = {"preparation": preparation, "concentration": f"{concentration} mg/mL" if concentration else "",
               "overfill_ml": overfill or "0"}  # fmt: skip
        return order, Entries(kg, f"{vial} mg/mL", f"{bag} mL"), how, made


def as_written_again(rng, entries):
    """The same values as another person would write them."""
    kg, vial, bag = entries.weight, entries.vial.split()[0], entries.bag.split()[0]
    return Entries(
        rng.choice((kg, f"{kg} kg", f"{D(kg).normalize():f}", f" {kg}kg ", number(rng, float(kg), float(kg) + 0.2, 1))),
        rng.choice((vial, f"{vial} mg/mL", f"{D(vial) / 1000:f} g/mL", f"{int(vial) * 1000} mcg/mL", f"{vial}.0mg/ml")),
        rng.choice((bag, f"{bag} mL", f"{D(bag) / 1000:f} L", f"{bag}.0 ml")),
    )  # fmt: skip


def slips(rng, entries, made):
    """The catalogue: (field, what was typed). Only those that change the value."""
    kg, vial, bag = entries.weight, entries.vial.split()[0], entries.bag.split()[0]
    rate, right = made.first.mg_per_h, made.first.ml_per_h
    typed = {
        "weight": [f"{D(kg) * 10:f}", f"{D(kg) / 10:f}", f"{D(kg) / D('0.45359237'):.1f}", f"{D(kg) * D('0.4536'):.1f}",
                   kg[1] + kg[0] + kg[2:], kg[0] + kg, f"{kg} lb", bag, vial],
        "vial": [*(v for v in VIALS if v != vial), f"{D(vial) / 10:f}", f"{D(vial) * 10:f}", f"{vial} mcg/mL",
                 f"{made.mix.mg_per_ml:.3f}", f"{vial} g/mL"],
        "bag": [*(b for b in BAGS if b != bag), f"{bag}0", f"{D(bag) / 10:f}", f"{bag} L", f"{made.total_mg:.1f}"],
        "pump": [f"{rate:.2f}", f"{right * 10}", f"{right / 10}", f"{right / 60:.2f}", f"{right * 60}", f"{right}0",
                 f"{made.total_mg:.1f}", f"{str(right)[0]}{right}"],
    }  # fmt: skip
    same = {"weight": D(kg), "vial": D(vial), "bag": D(bag), "pump": right}
    for field, values in typed.items():
        value = rng.choice(values)
        plain = value.split()[0]
        if plain == value and abs(D(plain) - same[field]) <= same[field] * (D("0.01") if field == "weight" else 0):
            continue
        yield field, value


def run(cases, seed):
    rng = random.Random(seed)
    differ = made_slips = caught = stopped = 0
    for n in range(cases):
        order, entries, how, made = a_case(rng)
        differ += bool(disagreements(made.figures(), recompute(order, entries, **how)))
        if n % 3:
            continue
        again = as_written_again(rng, entries)
        again = Entries(again.weight, again.vial, again.bag, f"{made.first.ml_per_h}")
        stopped += bool(check(order, first=entries, again=again, **how))
        field, value = rng.choice(list(slips(rng, entries, made)))
        wrong = Entries(**{name: getattr(entries, name) for name in ("weight", "vial", "bag")} | {field: value})
        said = check(order, first=entries, again=wrong, **how)
        made_slips += 1
        caught += field in {disagreement.field for disagreement in said}
    return differ, caught / made_slips, stopped / made_slips


def test_twenty_thousand_programmes_agree_and_slips_are_caught():
    differ, caught, stopped = run(20_000, seed=1)
    assert differ == 0
    assert caught >= 0.99
    assert stopped <= 0.01


@pytest.mark.long
def test_a_million_programmes_agree():
    differ, caught, stopped = run(1_000_000, seed=2)
    assert differ == 0
    assert caught >= 0.99
    assert stopped <= 0.01


def test_the_second_calculation_imports_nothing_of_the_first():
    code = (
        "import sys; import surcease.care.programme_check; "
        "print([m for m in sys.modules if m.startswith('surcease') and m.count('.') ])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "['surcease.care', 'surcease.care.programme_check']"
    assert "decimal" in programme_check.__dict__["Decimal"].__module__  # only to read the first's figures
