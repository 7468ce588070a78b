"""All addresses: each app's own under its word. An id may stand in an address, a name never."""

from __future__ import annotations

from django.urls import include, path

from rooftree.web.config import errors
from rooftree.web.layout import views as layout

urlpatterns = [
    path("", layout.home, name="home"),
    path("healthy/", layout.healthy, name="healthy"),
    path("brand/<slug:digest>.png", layout.logo, name="logo"),
    path("brand/<int:landlord>.css", layout.brand, name="brand"),
    path("", include("rooftree.web.accounts.urls")),
    path("people/", include("rooftree.web.people.urls")),
    path("segments/", include("rooftree.web.segments.urls")),
    path("explore/", include("rooftree.web.explore.urls")),
    path("people/", include("rooftree.web.recording.urls")),
    path("access-log/", include("rooftree.web.audit.urls")),
    path("jobs/", include("rooftree.web.jobs.urls")),
    path("administration/", include("rooftree.web.administration.urls")),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
