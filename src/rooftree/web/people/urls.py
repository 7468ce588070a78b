"""The addresses of customers: by the id that Rooftree gave, which says nothing about the person."""

from __future__ import annotations

from django.urls import path

from rooftree.web.people.views import find, record

urlpatterns = [
    path("", find.people, name="people"),
    path("<slug:person_id>/", record.overview, name="person"),
    path("<slug:person_id>/reason/", record.reason, name="person_reason"),
    path("<slug:person_id>/profile/", record.profile, name="person_profile"),
    path("<slug:person_id>/household/", record.household, name="person_household"),
    path("<slug:person_id>/timeline/", record.events, name="person_events"),
    path("<slug:person_id>/account/", record.account, name="person_account"),
    path("<slug:person_id>/history/", record.history, name="person_history"),
    path("<slug:person_id>/who-looked/", record.lookers, name="person_lookers"),
]
