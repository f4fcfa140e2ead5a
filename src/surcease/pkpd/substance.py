"""What is in the syringe: racemic ketamine or esketamine, as base or as hydrochloride. Never mixed silently."""

from __future__ import annotations

from decimal import Decimal

RACEMIC = "racemic"
ESKETAMINE = "esketamine"
SUBSTANCES = (RACEMIC, ESKETAMINE)

# Words people write for each; the first is ours.
SUBSTANCE_WORDS = {
    "racemic": RACEMIC, "ketamine": RACEMIC, "rs-ketamine": RACEMIC,
    "esketamine": ESKETAMINE, "s-ketamine": ESKETAMINE, "s(+)-ketamine": ESKETAMINE,
}  # fmt: skip

# Molar masses, g/mol.
MOLAR_MASS = {"ketamine": 237.73, "norketamine": 223.70, "hydroxynorketamine": 239.70}
# 237.73 / 274.2; the esketamine spray label prints 32.3 mg of hydrochloride for 28 mg of base.
BASE_PER_HCL = Decimal("0.867")


def base_mg(amount_mg: Decimal, *, salt: bool) -> Decimal:
    """The base in ``amount_mg``; with ``salt`` the amount is hydrochloride.

    >>> base_mg(Decimal("32.3"), salt=True)
    Decimal('28.0041')
    """
    return amount_mg * BASE_PER_HCL if salt else amount_mg


def nmol_per_ml(ng_per_ml: float, analyte: str = "ketamine") -> float:
    """Concentration in nmol/mL from ng/mL of base.

    >>> round(nmol_per_ml(237.73), 12)
    1.0
    """
    return ng_per_ml / MOLAR_MASS[analyte]
