"""Routes of the R4 read API, under /fhir/."""

from django.urls import path

from surcease.web.interop.fhir import views

app_name = "fhir"
urlpatterns = [
    path("metadata", views.metadata, name="metadata"),
    path("Patient/<uuid:patient_id>/$everything", views.everything, name="everything"),
    path("<slug:kind>", views.find, name="search"),
    path("<slug:kind>/<str:resource_id>", views.read, name="read"),
]
