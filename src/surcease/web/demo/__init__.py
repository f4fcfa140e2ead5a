"""The demo clinic: about thirty invented people at every stage of the path, as if it were mid-morning now.

``fill()`` makes an empty database a demo clinic. It refuses one that holds real records.
"""

from __future__ import annotations

from surcease.web.demo.fill import fill as fill

__all__ = ["fill"]
