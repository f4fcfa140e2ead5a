"""Routes of the clinic's signed limits."""

from django.urls import path

from surcease.web.limits import numbers, views

app_name = "limits"
urlpatterns = [
    path("", views.page, name="page"),
    path("numbers/", numbers.site_page, name="numbers"),
    path("person/<uuid:patient_id>/", numbers.person_page_of, name="person"),
]
