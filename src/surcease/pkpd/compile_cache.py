"""Where compiled code is kept between processes, said to numba before it is imported."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_dir

os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(user_cache_dir("surcease")) / "numba"))
# Safe to fork, and made safe for threads by a lock; the other layers are one or the other.
os.environ.setdefault("NUMBA_THREADING_LAYER", "workqueue")

with suppress(OSError):
    Path(os.environ["NUMBA_CACHE_DIR"]).mkdir(parents=True, exist_ok=True)
KEPT = os.access(os.environ["NUMBA_CACHE_DIR"], os.W_OK)  # if not, the code is compiled anew in each process
