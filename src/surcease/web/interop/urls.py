"""Routes of the border."""

from django.urls import path

from surcease.web.interop import views

app_name = "interop"
urlpatterns = [
    path("import/", views.upload, name="upload"),
    path("import/<uuid:batch_id>/", views.batch, name="batch"),
    path("export/<uuid:patient_id>/", views.export, name="export"),
    path("export/mine/", views.own_export, name="own_export"),
]
