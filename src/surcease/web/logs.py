"""Log lines that carry no patient data and cannot be forged by what a client sends."""

from __future__ import annotations

import logging
import re
from typing import Any

_UUID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_QUERY = re.compile(r"\?\S*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def without_people(text: str) -> str:
    """Text with identifiers, mail addresses and query strings blotted out.

    >>> without_people("GET /patients/?q=Jane by a.b@example.org")
    'GET /patients/?… by …@…'
    """
    return _MAIL.sub("…@…", _UUID.sub("…", _QUERY.sub("?…", text)))


class NoPatientData(logging.Filter):
    """Blots out what could name a person, in the message and in its arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always keeps the record."""
        record.msg, record.args = without_people(record.getMessage()), ()
        return True


class OneLine(logging.Formatter):
    """One record, one line; a traceback keeps its places and its error's kind, not the error's words."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return _CONTROL.sub(" | ", super().format(record))

    def formatException(self, info: Any) -> str:
        """Where it happened and what kind of error it was: the words of an error may hold what someone typed."""
        kind, _error, place = info
        steps = []
        while place is not None:
            code = place.tb_frame.f_code
            steps.append(f"{code.co_filename}:{place.tb_lineno} {code.co_name}")
            place = place.tb_next
        return " < ".join([getattr(kind, "__name__", str(kind)), *reversed(steps)])
