"""Routes of papers."""

from django.urls import path

from surcease.web.papers import views

app_name = "papers"
urlpatterns = [path("<uuid:document_id>/", views.document, name="document")]
