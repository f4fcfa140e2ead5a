"""Routes of the person."""

from django.urls import path

from surcease.web.patients import views

app_name = "patients"
urlpatterns = [
    path("", views.find, name="list"),
    path("register/", views.register, name="register"),
    path("<uuid:patient_id>/", views.page, name="page"),
    path("<uuid:patient_id>/particulars/", views.particulars, name="particulars"),
    path("<uuid:patient_id>/limbs/", views.limbs, name="limbs"),
    path("<uuid:patient_id>/link/", views.link, name="link"),
    path("<uuid:patient_id>/emergency/", views.glass, name="glass"),
]
