"""Routes of the intake step."""

from django.urls import path

from surcease.web.intake import views

app_name = "intake"
urlpatterns = [
    path("person/<uuid:patient_id>/", views.page, name="person"),
    path("person/<uuid:patient_id>/ask/<slug:section>/", views.ask, name="ask"),
    path("person/<uuid:patient_id>/block/", views.block, name="block"),
    path("person/<uuid:patient_id>/instrument/<slug:instrument_id>/", views.instrument_page, name="instrument"),
    path("person/<uuid:patient_id>/story/", views.story, name="story"),
    path("person/<uuid:patient_id>/todos/", views.todos, name="todos"),
    path("person/<uuid:patient_id>/set-aside/", views.aside, name="set_aside"),
    path("person/<uuid:patient_id>/decide/", views.decide, name="decide"),
]
