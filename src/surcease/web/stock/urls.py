"""Routes of the ledger."""

from django.urls import path

from surcease.web.stock.views import counts, register, session, shelf

app_name = "stock"
urlpatterns = [
    path("", shelf.ledger, name="ledger"),
    path("receive/", shelf.receive, name="receive"),
    path("vial/<uuid:vial_id>/", shelf.vial, name="vial"),
    path("vial/<uuid:vial_id>/waste/", shelf.waste_vial, name="waste_vial"),
    path("vial/<uuid:vial_id>/send/", shelf.send, name="send"),
    path("movement/<uuid:movement_id>/", shelf.movement, name="movement"),
    path("movement/<uuid:movement_id>/witness/", shelf.witness, name="witness"),
    path("movement/<uuid:movement_id>/refuse/", shelf.refuse, name="refuse"),
    path("movement/<uuid:movement_id>/take-back/", shelf.take_back, name="take_back"),
    path("session/<uuid:session_id>/", session.page, name="session"),
    path("session/<uuid:session_id>/draw/", session.draw, name="draw"),
    path("session/<uuid:session_id>/waste/", session.waste, name="waste"),
    path("session/<uuid:session_id>/close/", session.close, name="close"),
    path("counts/", counts.history, name="counts"),
    path("count/", counts.count, name="count"),
    path("count/<uuid:count_id>/", counts.counted, name="counted"),
    path("differences/", counts.report, name="discrepancies"),
    path("discrepancy/<uuid:discrepancy_id>/", counts.discrepancy, name="discrepancy"),
    path("register/", register.page, name="register"),
    path("register.pdf", register.pdf, name="register_pdf"),
    path("register.csv", register.table, name="register_csv"),
]
