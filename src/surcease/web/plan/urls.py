"""Routes of the plan step."""

from django.urls import path

from surcease.web.plan import views

app_name = "plan"
urlpatterns = [
    path("person/<uuid:patient_id>/", views.page, name="person"),
    path("person/<uuid:patient_id>/forecast/", views.forecast, name="forecast"),
    path("person/<uuid:patient_id>/consent/", views.consent, name="consent"),
    path("person/<uuid:patient_id>/sign/", views.sign, name="sign"),
    path("person/<uuid:patient_id>/end/", views.end, name="end"),
    path("person/<uuid:patient_id>/visits/", views.visits, name="visits"),
    path("visit/<uuid:visit_id>/", views.visit, name="visit"),
    path("day/", views.day, name="day"),
]
