"""Routes of the organisation."""

from django.urls import path

from surcease.web.clinic import lead

app_name = "clinic"
urlpatterns = [
    path("", lead.settings_page, name="settings"),
    path("sites/add/", lead.add_site, name="add_site"),
    path("sites/<uuid:site_id>/", lead.site, name="site"),
]
