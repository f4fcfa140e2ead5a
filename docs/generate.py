"""Write every generated page: rules, instruments, protocols, SAFETY.md.

    python docs/generate.py           writes the pages
    python docs/generate.py --check   says which are stale and ends with 1

The validation page takes longer and has a command of its own: python -m docs.pages.validation.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from docs.pages import instruments, protocols, rules
from docs.safety import page as safety

MAKERS = (rules, instruments, protocols, safety)


def stale() -> list[str]:
    """Every page that does not say what its data say."""
    return [name for maker in MAKERS for name in maker.stale()]


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        if old := stale():
            sys.exit(f"Stale: {', '.join(old)}. Run python docs/generate.py.")
    else:
        for maker in MAKERS:
            maker.write()
