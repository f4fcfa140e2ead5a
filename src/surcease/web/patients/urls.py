"""Routes of the person."""

from django.urls import path

from surcease.web.patients import views

app_name = "patients"
urlpatterns = [
    path("", views.find, name="list"),
    path("<uuid:patient_id>/", views.page, name="page"),
]
