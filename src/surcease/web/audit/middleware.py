"""Tells the trail where each request comes from."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from surcease.web.audit.trail import came_from, place_of


class CameFrom:
    """Sets the place for the time of the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = came_from.set(place_of(request))
        try:
            return self.get_response(request)
        finally:
            came_from.reset(token)
