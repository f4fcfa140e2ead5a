"""Amounts as every page writes them."""

from __future__ import annotations

from decimal import Decimal

from django import template

from surcease.units import plain as plainly

register = template.Library()


@register.filter
def plain(value: Decimal | int | None) -> str:
    """``100`` and ``72.5``, never ``1E+2``; nothing for None."""
    return "" if value is None else plainly(value)
