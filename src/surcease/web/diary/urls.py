"""Routes of the diary step."""

from django.urls import path

from surcease.web.diary.views import (
    ask,
    clinic,
    consent,
    entry,
    learn,
    letters,
    own,
    reminders,
    scores,
    series,
    shell,
    staff,
    theirs,
)

app_name = "diary"
urlpatterns = [
    path("", entry.today, name="today"),
    path("sync/", entry.sync, name="sync"),
    path("hello/", entry.hello, name="hello"),
    path("days/", own.days, name="days"),
    path("ask/<slug:instrument_id>/", ask.ask, name="ask"),
    path("messages/", letters.messages_page, name="messages"),
    path("reminders/", reminders.reminders, name="reminders"),
    path("reminders/pause/", reminders.pause, name="pause"),
    path("reminders/subscribe/", reminders.subscribe, name="subscribe"),
    path("displayed/", reminders.displayed, name="displayed"),
    path("scores/", scores.own, name="scores"),
    path("clinic/", clinic.clinic, name="clinic"),
    path("learn/", learn.index, name="learn"),
    path("learn/plan/", series.expect, name="series"),
    path("learn/plan/treatment.ics", series.calendar, name="calendar"),
    path("learn/plan/fridge/", series.fridge, name="fridge"),
    path("learn/plan/fridge.pdf", series.fridge_pdf, name="fridge_pdf"),
    path("learn/<slug:page_id>/", learn.page, name="learn_page"),
    path("mine/", theirs.mine, name="mine"),
    path("mine/consent/", consent.consents, name="consents"),
    path("mine/record.pdf", theirs.record_pdf, name="mine_pdf"),
    path("mine/diary.csv", theirs.diary_csv, name="mine_csv"),
    path("mine/record.json", theirs.record_fhir, name="mine_fhir"),
    path("offline/", shell.offline, name="offline"),
    path("offline/ask/<slug:instrument_id>/", ask.ask_offline, name="ask_offline"),
    path("sw.js", shell.service_worker, name="service_worker"),
    path("manifest.webmanifest", shell.manifest, name="manifest"),
    path("person/<uuid:patient_id>/", staff.person, name="person"),
    path("person/<uuid:patient_id>/scores/", scores.person, name="person_scores"),
    path("person/<uuid:patient_id>/answer/", staff.answer, name="answer"),
]
