"""Routes of CDS Hooks: the standard's addresses have no slash at their end."""

from django.urls import path

from surcease.web.interop.cds_hooks import views

app_name = "cds_hooks"
urlpatterns = [
    path("cds-services", views.services, name="services"),
    path("cds-services/<slug:service>", views.call, name="call"),
]
