"""The addresses of the access log."""

from __future__ import annotations

from django.urls import path

from rooftree.web.audit.views import log

urlpatterns = [
    path("", log.access_log, name="access_log"),
    path("check/", log.check, name="access_log_check"),
]
