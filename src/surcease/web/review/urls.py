"""Routes of the review step."""

from django.urls import path

from surcease.web.review import views

app_name = "review"
urlpatterns = [
    path("person/<uuid:patient_id>/", views.page, name="person"),
    path("person/<uuid:patient_id>/sign/", views.sign, name="sign"),
    path("person/<uuid:patient_id>/summary.pdf", views.summary_pdf, name="summary_pdf"),
    path("person/<uuid:patient_id>/letter.pdf", views.letter_pdf, name="letter_pdf"),
]
