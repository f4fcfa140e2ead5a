"""Routes of the clinic's own questionnaires."""

from django.urls import path

from surcease.web.instruments import views

app_name = "instruments"
urlpatterns = [
    path("", views.page, name="page"),
    path("import/", views.take_over, name="import"),
    path("build/", views.build_page, name="build"),
    path("<slug:key>/", views.look, name="look"),
    path("<slug:key>/change/", views.build_page, name="change"),
    path("<slug:key>/end/", views.end, name="end"),
    path("<slug:key>/questionnaire.json", views.as_fhir, name="fhir"),
]
