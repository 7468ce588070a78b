"""The addresses of segments: by key."""

from __future__ import annotations

from django.urls import path

from rooftree.web.segments.views import members, pages, persona, write

urlpatterns = [
    path("", pages.segments, name="segments"),
    path("new/", write.segment_new, name="segment_new"),
    path("proposals/", write.proposals, name="proposals"),
    path("proposals/<int:pk>/", write.proposal, name="proposal"),
    path("proposals/<int:pk>/check/", write.proposal_check, name="proposal_check"),
    path("<slug:segment>/", pages.segment, name="segment"),
    path("<slug:segment>/members/", members.members, name="segment_members"),
    path("<slug:segment>/why/<slug:person_id>/", members.why, name="segment_why"),
    path("<slug:segment>/persona.<slug:kind>", persona.persona, name="segment_persona"),
]
