"""What is printed on a prepared bag or syringe. A line that is not known says "not entered"; none is left blank.

>>> from datetime import timezone
>>> from decimal import Decimal
>>> from surcease.care.programme import Bag
>>> from surcease.care.programme import programme
>>> from surcease.knowledge.product import load_products
>>> vial, bag = Quantity.of(50, "mg/mL"), Bag(Decimal(100))
>>> p = programme("21.7 mg/h for 4 h iv", weight_kg=Decimal(62), vial=vial, bag=bag)
>>> made = datetime(2026, 6, 15, 8, 40, tzinfo=timezone.utc)
>>> paper = label(p, load_products()["racemic_injection"], Who("Ada Example", "1988-02-03", "MRN 0017"),
...               diluent="sodium chloride 0.9 %", made=made, by="N. Nurse")
>>> print(paper.line("Drug"), "|", paper.line("Contains"), "|", paper.line("Checked by"))
racemic ketamine | 86.8 mg in 100 mL = 0.868 mg/mL | not entered
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from surcease.care.dose_words import show, show_order
from surcease.care.programme import Programme
from surcease.knowledge.product import Product
from surcease.units import Quantity, plain

NOT_ENTERED = "not entered"


@dataclass(frozen=True, slots=True)
class Who:
    """Whose bag it is: two identifiers at least."""

    name: str
    born: str
    identifier: str


@dataclass(frozen=True, slots=True)
class Label:
    """The lines of a label, heading and text, in print order."""

    lines: tuple[tuple[str, str], ...]

    def line(self, heading: str) -> str:
        """The text under one heading."""
        return dict(self.lines)[heading]


def label(
    programme: Programme, product: Product, who: Who, *, diluent: str, made: datetime,
    by: str = "", checked_by: str = "", lot: str = "", bag_number: int = 1, keeps_hours: int | None = None,
) -> Label:  # fmt: skip
    """The label of one bag. ``keeps_hours`` is the site's number; without it the product's assumption stands, and the
    label says so. ValueError when the product is not the programme's drug, or a second checker is the preparer."""
    if product.substance != programme.substance:
        raise ValueError(
            f"The programme is {programme.substance}, the product {product.form_words}: take the right vial."
        )
    if diluent not in product.diluents:
        raise ValueError(f"{diluent!r} is no diluent for {product.title}: use {' or '.join(product.diluents)}.")
    if checked_by and checked_by == by:
        raise ValueError("The second check is another person's: enter who checked, not who prepared.")
    mix, first = programme.mix, programme.first
    contains = (
        f"{show_order(Quantity(mix.drug_mg, 'mg'))} in {show(Quantity(mix.final_ml, 'mL'))} = "
        f"{show(Quantity(mix.mg_per_ml, 'mg/mL'))}"
    )
    return Label((
        ("Name", who.name), ("Born", who.born), ("Identifier", who.identifier),
        ("Drug", product.form_words), ("Contains", contains),
        ("Drawn", f"{plain(mix.draw_ml)} mL of {plain(programme.vial_mg_per_ml)} mg/mL, lot {lot or NOT_ENTERED}"),
        ("Diluent", diluent), ("Route", programme.route.upper()),
        ("Rate", f"{plain(first.ml_per_h)} mL/h = {show_order(Quantity(first.mg_per_h, 'mg/h'))}"),
        ("Bag", f"{bag_number} of {programme.bags}"),
        ("Made", _moment(made)), ("Expires", _expires(product, made, keeps_hours)),
        ("By", by or NOT_ENTERED), ("Checked by", checked_by or NOT_ENTERED),
    ))  # fmt: skip


def _expires(product: Product, made: datetime, keeps_hours: int | None) -> str:
    if keeps_hours is not None:
        return _moment(made + timedelta(hours=keeps_hours))
    if product.keeps_hours is None:
        return NOT_ENTERED
    return f"{_moment(made + timedelta(hours=int(product.keeps_hours)))} (assumption, {plain(product.keeps_hours)} h)"


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M")
