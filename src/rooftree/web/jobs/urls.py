"""The addresses of jobs."""

from __future__ import annotations

from django.urls import path

from rooftree.web.jobs.views import pages

urlpatterns = [
    path("", pages.jobs, name="jobs"),
    path("<int:pk>/", pages.job, name="job"),
    path("<int:pk>/stop/", pages.cancel, name="job_cancel"),
]
