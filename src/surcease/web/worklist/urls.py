"""Routes of the day."""

from django.urls import path

from surcease.web.worklist import views

app_name = "worklist"
urlpatterns = [
    path("", views.today, name="today"),
    path("<uuid:todo_id>/take/", views.take, name="take"),
    path("<uuid:todo_id>/give-back/", views.give_back, name="give_back"),
    path("<uuid:todo_id>/end/", views.end, name="end"),
]
