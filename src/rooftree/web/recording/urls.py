"""The addresses of questions: a customer's id, an attribute's key, a tenancy's id. What was said is in none."""

from __future__ import annotations

from django.urls import path

from rooftree.web.recording.views import listing, objecting, question, taking_back

urlpatterns = [
    path("<slug:person_id>/ask/", listing.ask, name="person_ask"),
    path("<slug:person_id>/ask/<slug:attribute>/", question.question, name="question"),
    path("<slug:person_id>/ask/<slug:attribute>/<slug:tenancy_id>/", question.question, name="question_of"),
    path("<slug:person_id>/answers/<int:number>/take-back/", taking_back.take_back, name="answer_take_back"),
    path("<slug:person_id>/object/", objecting.objections, name="person_object"),
]  # fmt: skip
