"""The addresses of administration."""

from __future__ import annotations

from django.urls import path

from rooftree.web.administration.views import pages, users

urlpatterns = [
    path("users/", users.users, name="users"),
    path("users/invite/", users.invite, name="invite"),
    path("users/<int:pk>/", users.user, name="user"),
    path("users/<int:pk>/close/", users.deactivate, name="user_close"),
    path("users/<int:pk>/open/", users.reactivate, name="user_open"),
    path("users/<int:pk>/reset/", users.reset, name="user_reset"),
    path("invitations/<int:pk>/revoke/", users.revoke, name="invitation_revoke"),
    path("identity/", pages.identity, name="identity"),
    path("settings/", pages.settings, name="settings"),
    path("health/", pages.health, name="health"),
]
