"""Routes of live pages."""

from django.urls import path

from surcease.web.live import views

app_name = "live"
urlpatterns = [path("<str:kind>/<str:key>/", views.listen, name="listen")]
