"""Routes of the review step."""

from django.urls import path

from surcease.web.review import own, views

app_name = "review"
urlpatterns = [
    path("mine/", own.mine, name="mine"),
    path("mine/copy.pdf", own.copy_pdf, name="mine_pdf"),
    path("person/<uuid:patient_id>/", views.page, name="person"),
    path("person/<uuid:patient_id>/outlook/", views.outlook_part, name="outlook"),
    path("person/<uuid:patient_id>/release/", views.release, name="release"),
    path("person/<uuid:patient_id>/sign/", views.sign, name="sign"),
    path("person/<uuid:patient_id>/summary.pdf", views.summary_pdf, name="summary_pdf"),
    path("person/<uuid:patient_id>/letter.pdf", views.letter_pdf, name="letter_pdf"),
    path("person/<uuid:patient_id>/copy.pdf", views.copy_pdf, name="copy_pdf"),
]
