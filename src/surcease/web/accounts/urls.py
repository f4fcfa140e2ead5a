"""Routes of accounts (allauth's own are under account/)."""

from django.urls import path

from surcease.web.accounts import people, views

app_name = "accounts"
urlpatterns = [
    path("me/", views.me, name="me"),
    path("lock/", views.lock, name="lock"),
    path("unlock/", views.unlock, name="unlock"),
    path("first/<str:token>/", views.first, name="first"),
    path("link/<str:token>/", views.link, name="link"),
    path("people/", people.people, name="people"),
    path("people/add/", people.add, name="add"),
    path("people/<uuid:user_id>/", people.change, name="person"),
    path("people/<uuid:user_id>/badge/", people.badge, name="badge"),
]
