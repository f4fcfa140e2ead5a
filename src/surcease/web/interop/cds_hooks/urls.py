"""Routes of CDS Hooks, under /cds-services."""

from django.urls import path

from surcease.web.interop.cds_hooks import views

app_name = "cds_hooks"
urlpatterns = [
    path("", views.services, name="services"),
    path("/<slug:service>", views.call, name="call"),
]
