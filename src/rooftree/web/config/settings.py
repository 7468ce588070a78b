"""Django's settings, from the options of `config/options.py` and nothing else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from rooftree.web.config import logs, options
from rooftree.web.config.apps import APPS
from rooftree.web.config.keys import keys_of

CHOSEN = options.read(os.environ)


def _of(name: str) -> Any:
    return CHOSEN[f"ROOFTREE_WEB_{name}"].value


def database(address: str, file: Path) -> dict[str, Any]:
    """The database of users, access log and jobs: a file of the workspace, or a PostgreSQL server."""
    if not address:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": file,
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                # A write lock from the start: a transaction that reads first and then writes would
                # fail at once, without waiting, when another wrote in between.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
            },
        }
    parts = urlsplit(address)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "rooftree",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 8}},
    }


WORKSPACE: Path = _of("WORKSPACE")
PRIVATE = WORKSPACE / ".rooftree"
KEYS = keys_of(PRIVATE / "web-keys.json")
ADDRESS: str = _of("ADDRESS")
_HOST = urlsplit(ADDRESS).hostname or "localhost"
_IS_HTTPS = ADDRESS.startswith("https://")

DEBUG = False
SECRET_KEY = _of("SECRET_KEY") or KEYS.secret
ALLOWED_HOSTS = list(dict.fromkeys([_HOST, *(["localhost", "127.0.0.1"] if not _IS_HTTPS else [])]))
CSRF_TRUSTED_ORIGINS = [ADDRESS]
ROOT_URLCONF = "rooftree.web.config.urls"
WSGI_APPLICATION = "rooftree.web.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    *APPS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django_htmx",
    "django_tasks_db",
    "django.forms",  # the templates of its controls
]

MIDDLEWARE = [
    "rooftree.web.config.middleware.RequestLog",
    "rooftree.web.config.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "rooftree.web.accounts.middleware.RequireSecondFactor",
    "rooftree.web.accounts.middleware.RequireCapability",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "rooftree.web.layout.context.shell",
            ],
            "builtins": ["rooftree.web.layout.templatetags.rooftree"],
        },
    }
]
FORM_RENDERER = "rooftree.web.layout.forms.Renderer"

DATABASES = {"default": database(_of("DATABASE"), PRIVATE / "web.db")}
# Shared by all processes: lock-out and used codes are kept here.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "web_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = PRIVATE / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = PRIVATE / "media"
FILE_UPLOAD_PERMISSIONS = 0o600

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
     "OPTIONS": {"user_attributes": ("email", "name")}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]  # fmt: skip
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"

SESSION_COOKIE_AGE = _of("SESSION_HOURS") * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"  # Strict would lose the session on the way back from single sign-on
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "rooftree.web.config.errors.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _IS_HTTPS
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_SSL_REDIRECT = _IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if _IS_HTTPS else 0
# Not no-referrer: browsers then send "Origin: null" with a form, and every form would be refused.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if _of("PROXIES"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
#: Nothing inline, nothing from elsewhere. `data:` is for the picture of a second factor only.
SECURE_CSP = {
    "default-src": ["'none'"], "script-src": ["'self'"], "style-src": ["'self'"], "img-src": ["'self'", "data:"],
    "connect-src": ["'self'"], "font-src": ["'self'"], "form-action": ["'self'"], "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"], "manifest-src": ["'self'"],
}  # fmt: skip

ALLAUTH_TRUSTED_PROXY_COUNT = _of("PROXIES")
ACCOUNT_ADAPTER = "rooftree.web.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = (
    "none"  # only an invitation makes an account, and it went to that address
)
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "20/m/ip,5/300s/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
}
ACCOUNT_FORMS = {
    "login": "rooftree.web.accounts.sign_in_forms.SignIn",
    "reauthenticate": "rooftree.web.accounts.sign_in_forms.Confirm",
    "change_password": "rooftree.web.accounts.sign_in_forms.ChangePassword",
}
MFA_FORMS = {
    "authenticate": "rooftree.web.accounts.sign_in_forms.SecondStep",
    "reauthenticate": "rooftree.web.accounts.sign_in_forms.ConfirmByCode",
    "add_webauthn": "rooftree.web.accounts.sign_in_forms.AddPasskey",
    "activate_totp": "rooftree.web.accounts.sign_in_forms.SetUpApp",
}
MFA_ADAPTER = "rooftree.web.accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _IS_HTTPS
MFA_TOTP_ISSUER = "Rooftree"
MFA_TOTP_TOLERANCE = (
    0  # a used code is remembered for one period only: a tolerance would let it in twice
)
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_RECOVERY_CODE_COUNT = 10
USERSESSIONS_TRACK_ACTIVITY = False  # it would write on every page

SOCIALACCOUNT_ADAPTER = "rooftree.web.accounts.adapters.SingleSignOnAdapter"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_STORE_TOKENS = False
SINGLE_SIGN_ON = bool(_of("OIDC_ISSUER"))
SINGLE_SIGN_ON_NAME = _of("OIDC_NAME")
SINGLE_SIGN_ON_TRUST_MFA = _of("OIDC_TRUST_MFA")
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {
    "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": []}
}
if SINGLE_SIGN_ON:
    SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"] = [
        {
            "provider_id": "work",
            "name": SINGLE_SIGN_ON_NAME,
            "client_id": _of("OIDC_CLIENT_ID"),
            "secret": _of("OIDC_CLIENT_SECRET"),
            "settings": {"server_url": _of("OIDC_ISSUER"), "fetch_userinfo": False},
        }
    ]
    # The form that leaves for the provider is answered by a redirect to it.
    _PROVIDER = urlsplit(_of("OIDC_ISSUER"))
    SECURE_CSP["form-action"] = ["'self'", f"{_PROVIDER.scheme}://{_PROVIDER.netloc}"]

INVITATION_HOURS = _of("INVITATION_HOURS")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _of("MAIL_FROM")
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
SENDS_MAIL = bool(_of("SMTP"))
if SENDS_MAIL:
    _SMTP = urlsplit(_of("SMTP"))
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _SMTP.hostname
    EMAIL_PORT = _SMTP.port or (465 if _SMTP.scheme == "smtps" else 587)
    EMAIL_HOST_USER = unquote(_SMTP.username or "")
    EMAIL_HOST_PASSWORD = unquote(_SMTP.password or "")
    EMAIL_USE_SSL = _SMTP.scheme == "smtps"
    EMAIL_USE_TLS = _SMTP.scheme == "smtp" and bool(EMAIL_HOST_USER)
    EMAIL_TIMEOUT = 10

LOGGING = logs.configuration()
LOGGING_CONFIG = "logging.config.dictConfig"
SILENCED_SYSTEM_CHECKS: list[str] = []
