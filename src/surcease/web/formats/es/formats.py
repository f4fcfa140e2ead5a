"""Spanish as in most of the Americas: a decimal point, as every form here reads it. A comma could be taken for it."""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = "\u202f"
