"""Routes of the diary step."""

from django.urls import path

from surcease.web.diary.views import consent, learn, letters, own, series, shell, staff, theirs

app_name = "diary"
urlpatterns = [
    path("", own.today, name="today"),
    path("sync/", own.sync, name="sync"),
    path("hello/", own.hello, name="hello"),
    path("days/", own.days, name="days"),
    path("ask/<slug:instrument_id>/", own.ask, name="ask"),
    path("messages/", letters.messages_page, name="messages"),
    path("reminders/", own.reminders, name="reminders"),
    path("learn/", learn.index, name="learn"),
    path("learn/<slug:page_id>/", learn.page, name="learn_page"),
    path("series/", series.expect, name="series"),
    path("series/treatment.ics", series.calendar, name="calendar"),
    path("series/fridge/", series.fridge, name="fridge"),
    path("series/fridge.pdf", series.fridge_pdf, name="fridge_pdf"),
    path("mine/", theirs.mine, name="mine"),
    path("mine/consent/", consent.consents, name="consents"),
    path("mine/record.pdf", theirs.record_pdf, name="mine_pdf"),
    path("mine/diary.csv", theirs.diary_csv, name="mine_csv"),
    path("mine/record.json", theirs.record_fhir, name="mine_fhir"),
    path("offline/", shell.offline, name="offline"),
    path("sw.js", shell.service_worker, name="service_worker"),
    path("manifest.webmanifest", shell.manifest, name="manifest"),
    path("person/<uuid:patient_id>/", staff.person, name="person"),
    path("person/<uuid:patient_id>/answer/", staff.answer, name="answer"),
]
