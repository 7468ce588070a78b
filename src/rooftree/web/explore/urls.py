"""The addresses of exploring: a question is the query of an address, and holds nothing personal."""

from __future__ import annotations

from django.urls import path

from rooftree.web.explore.views import pages

urlpatterns = [
    path("", pages.explore, name="explore"),
    path("file.<slug:ending>", pages.explore_file, name="explore_file"),
]
