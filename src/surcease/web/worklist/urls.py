"""Routes of the day."""

from django.urls import path

from surcease.web.worklist import views

app_name = "worklist"
urlpatterns = [path("", views.today, name="today")]
