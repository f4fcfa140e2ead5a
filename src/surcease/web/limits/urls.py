"""Routes of the clinic's signed limits."""

from django.urls import path

from surcease.web.limits import views

app_name = "limits"
urlpatterns = [path("", views.page, name="page")]
