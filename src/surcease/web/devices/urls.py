"""Routes of the live feed."""

from django.urls import path

from surcease.web.devices.views import chair, desk

app_name = "devices"
urlpatterns = [
    path("", desk.page, name="page"),
    path("accept/", desk.accept, name="accept"),
    path("<uuid:device_id>/retire/", desk.retire, name="retire"),
    path("codes/", desk.codes, name="codes"),
    path("use/", desk.use, name="use"),
    path("session/<uuid:session_id>/", chair.feed, name="feed"),
    path("session/<uuid:session_id>/take/", chair.take, name="take"),
    path("session/<uuid:session_id>/pair/", chair.pair, name="pair"),
    path("session/<uuid:session_id>/unpair/", chair.unpair, name="unpair"),
    path("session/<uuid:session_id>/seen/", chair.seen, name="seen"),
]
