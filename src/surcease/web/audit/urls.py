"""Routes of the trail."""

from django.urls import path

from surcease.web.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.everything, name="all"),
    path("own/", views.own, name="own"),
    path("patient/<uuid:patient_id>/", views.of_patient, name="patient"),
]
