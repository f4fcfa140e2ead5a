"""Check digits of the code systems. They catch a slip of the pen; they do not prove what a code means."""

from __future__ import annotations

_D = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 4, 0, 6, 7, 8, 9, 5), (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7), (4, 0, 1, 2, 3, 9, 5, 6, 7, 8), (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2), (7, 6, 5, 9, 8, 2, 1, 0, 4, 3), (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)  # fmt: skip
_P = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 5, 7, 6, 2, 8, 3, 0, 9, 4), (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7), (9, 4, 5, 3, 1, 2, 6, 8, 7, 0), (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5), (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)  # fmt: skip


def snomed(code: str) -> bool:
    """Whether a SNOMED CT identifier ends in its Verhoeff check digit.

    >>> snomed("73211009"), snomed("73211008")
    (True, False)
    """
    if not (code.isascii() and code.isdecimal() and 6 <= len(code) <= 18):
        return False
    digit = 0
    for i, figure in enumerate(reversed(code)):
        digit = _D[digit][_P[i % 8][int(figure)]]
    return digit == 0


def loinc(code: str) -> bool:
    """Whether a LOINC code, or a LOINC answer code (LA…), ends in its mod-10 (Luhn) check digit.

    The letters of an answer code count too, each as its ASCII number less 48.

    >>> loinc("2951-2"), loinc("LA6568-5"), loinc("2951-3")
    (True, True, False)
    """
    body, dash, check = code.partition("-")
    if not (code.isascii() and dash and body.removeprefix("LA").isdecimal() and check.isdecimal() and len(check) == 1):
        return False
    total = 0
    for i, figure in enumerate(reversed(body)):
        value = ord(figure) - 48
        total += value if i % 2 else 2 * value - value // 5 * 9
    return (10 - total % 10) % 10 == int(check)
