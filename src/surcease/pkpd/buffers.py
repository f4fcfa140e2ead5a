"""Memory for large results, used again when nobody holds the last one: fresh pages cost more than the arithmetic."""

from __future__ import annotations

import sys
import threading
from collections import deque

import numpy as np
from numpy.typing import DTypeLike, NDArray

SMALLEST_BYTES = 1 << 20  # below this the allocator reuses memory by itself
MOST_BYTES = 256 << 20  # kept in all; set to 0 to keep nothing

_kept: deque[NDArray[np.uint8]] = deque()
_lock = threading.Lock()
# Who refers to a buffer that nobody uses: the queue, the loop variable and the call's own argument.
_IDLE = 3


def empty(shape: tuple[int, ...], dtype: DTypeLike = np.float64) -> NDArray[np.floating]:
    """An uninitialised array. A large one may stand on memory of an earlier result that is no longer referred to.

    Safe because any view of a result, however made, refers to the buffer underneath; only when no such reference is
    left is the buffer given out again.
    """
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    if not SMALLEST_BYTES <= size <= MOST_BYTES:
        return np.empty(shape, dtype)
    with _lock:
        for buffer in _kept:
            if buffer.nbytes >= size and buffer.nbytes <= 2 * size and sys.getrefcount(buffer) == _IDLE:
                return _shaped(buffer, size, shape, dtype)
        buffer = np.empty(size, np.uint8)
        _kept.append(buffer)
        while sum(b.nbytes for b in _kept) > MOST_BYTES:
            _kept.popleft()  # forgotten here; lives on as long as someone uses it
    return _shaped(buffer, size, shape, dtype)


def _shaped(buffer: NDArray[np.uint8], size: int, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[np.floating]:
    return buffer[:size].view(dtype).reshape(shape)
