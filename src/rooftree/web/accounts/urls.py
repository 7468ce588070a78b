"""The addresses of joining, signing in and one's own account: of allauth's pages those that Rooftree has."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as oidc
from allauth.usersessions import views as sessions
from django.contrib.auth.decorators import login_not_required
from django.urls import path

from rooftree.web.accounts.views.closed import closed
from rooftree.web.accounts.views.invitation import invitation, second_step

urlpatterns = [
    path("invitation/second-step/", second_step, name="invitation_second_step"),
    path("invitation/<str:token>/", invitation, name="invitation"),
    path("sign-in/", account.login, name="account_login"),
    path("sign-in/second-step/", mfa.authenticate, name="mfa_authenticate"),
    path("sign-in/passkey/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("sign-in/closed/", account.account_inactive, name="account_inactive"),
    path("sign-out/", account.logout, name="account_logout"),
    path("sign-in/<slug:provider_id>/", oidc.login, name="openid_connect_login"),
    path("sign-in/<slug:provider_id>/callback/", oidc.callback, name="openid_connect_callback"),
    path(
        "sign-in/provider/cancelled/",
        login_not_required(social.login_cancelled),
        name="socialaccount_login_cancelled",
    ),
    path(
        "sign-in/provider/refused/",
        login_not_required(social.login_error),
        name="socialaccount_login_error",
    ),
    path("account/", mfa.index, name="mfa_index"),
    path("account/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("account/confirm/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path(
        "account/confirm/passkey/",
        passkeys.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/recovery-codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "account/recovery-codes/new/",
        recovery.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path("account/passkeys/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("account/passkeys/add/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("account/passkeys/<int:pk>/remove/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("account/sessions/", sessions.list_usersessions, name="usersessions_list"),
    # The library asks for these names; there are no such pages.
    path("closed/sign-up/", closed, name="account_signup"),
    path("closed/email/", closed, name="account_email"),
    path("closed/email/sent/", closed, name="account_email_verification_sent"),
    path("closed/email/<str:key>/", closed, name="account_confirm_email"),
    path("closed/password/set/", closed, name="account_set_password"),
    path("closed/password/reset/", closed, name="account_reset_password"),
    path("closed/password/done/", closed, name="account_reset_password_done"),
    path("closed/code/", closed, name="account_confirm_login_code"),
    path("closed/provider/sign-up/", closed, name="socialaccount_signup"),
    path("closed/provider/accounts/", closed, name="socialaccount_connections"),
    path("closed/recovery-codes/file/", closed, name="mfa_download_recovery_codes"),
]
