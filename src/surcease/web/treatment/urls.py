"""Routes of the treatment step."""

from django.urls import path

from surcease.web.treatment.views import (
    adverse,
    before,
    board,
    ending,
    entries,
    orders,
    papers,
    programme,
    screen,
    sheet,
)

app_name = "treatment"
urlpatterns = [
    path("board/", board.page, name="board"),
    path("person/<uuid:patient_id>/", sheet.person, name="person"),
    path("person/<uuid:patient_id>/arrive/", before.arrive, name="arrive"),
    path("<uuid:session_id>/before/", before.page, name="before"),
    path("<uuid:session_id>/", sheet.page, name="session"),
    path("<uuid:session_id>/log/", sheet.log, name="log"),
    path("<uuid:session_id>/replay/", sheet.replay, name="replay"),
    path("<uuid:session_id>/events/", entries.receive, name="events"),
    path("<uuid:session_id>/check/", orders.check, name="check"),
    path("<uuid:session_id>/strike/<uuid:event_id>/", entries.strike, name="strike"),
    path("<uuid:session_id>/verbal-order/", orders.verbal, name="verbal"),
    path("<uuid:session_id>/countersign/<uuid:event_id>/", orders.countersign, name="countersign"),
    path("<uuid:session_id>/predicted/", sheet.predicted_part, name="predicted"),
    path("<uuid:session_id>/programme/", programme.page, name="programme"),
    path("<uuid:session_id>/programme.pdf", programme.label_pdf, name="programme_pdf"),
    path("person/<uuid:patient_id>/adverse/", adverse.page, name="adverse"),
    path("adverse/<uuid:row_id>/strike/", adverse.strike, name="strike_adverse"),
    path("<uuid:session_id>/after/", ending.page, name="after"),
    path("<uuid:session_id>/screen/", screen.page, name="screen"),
    path("<uuid:session_id>/call/", screen.call, name="call"),
    path("call/<uuid:call_id>/answer/", screen.answer, name="answer"),
    path("<uuid:session_id>/flowsheet.pdf", papers.flowsheet, name="flowsheet_pdf"),
    path("<uuid:session_id>/slip.pdf", papers.slip, name="slip_pdf"),
    path("<uuid:session_id>/paper.pdf", papers.paper, name="paper_pdf"),
]
