"""Django's settings. What differs between clinics comes from the environment or lies in the home folder."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from surcease.web.database import databases
from surcease.web.home import Home

HOME = Home.from_environment()
WEB = Path(__file__).parent
TLS = os.environ.get("SURCEASE_TLS") == "1"  # set by `surcease run` with a certificate or behind a proxy
DEBUG = os.environ.get("SURCEASE_DEBUG") == "1"
SECRET_KEY = HOME.secret("django")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *os.environ.get("SURCEASE_HOSTS", "").split()]
CSRF_TRUSTED_ORIGINS = os.environ.get("SURCEASE_ORIGINS", "").split()

STEPS = ["intake", "plan", "treatment", "devices", "diary", "review", "registry", "stock", "interop"]
GROUND = ["ui", "clinic", "accounts", "audit", "patients", "worklist", "signing", "limits", "papers", "live"]
GROUND += ["instruments"]
APPS = [name for name in GROUND + STEPS if (found := find_spec(f"surcease.web.{name}")) and found.origin]
INSTALLED_APPS = [
    *(f"surcease.web.{name}" for name in APPS),
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "django_cotton.apps.SimpleAppConfig",
    "csp",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "surcease.web.middleware.PlainHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "surcease.web.clinic.zone.LocalClock",
    "surcease.web.clinic.tongue.OwnLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "surcease.web.audit.middleware.CameFrom",
    "surcease.web.accounts.middleware.SessionLimits",
    "surcease.web.accounts.middleware.PermissionMatrix",
    "surcease.web.accounts.middleware.SecondFactor",
]

ROOT_URLCONF = "surcease.web.urls"
ASGI_APPLICATION = "surcease.web.asgi.application"
DATABASES = databases(HOME, os.environ.get("DATABASE_URL", ""))
DATABASE_ROUTERS = ["surcease.web.database.SamplesRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache_entries"},
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [WEB / "ui" / "templates", *(WEB / name / "templates" for name in APPS if name != "ui")],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton", "template_partials.templatetags.partials"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
                "surcease.web.ui.frame.context",
                "surcease.web.clinic.installation.context",
            ],
        },
    }
]
COTTON_DIR = "cotton"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Languages and time. Knowledge sentences are English; the interface also speaks Spanish (not reviewed).
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [WEB / "locale"]
FORMAT_MODULE_PATH = ["surcease.web.formats"]
LANGUAGE_COOKIE_NAME = "surcease_language"

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": HOME / "files"}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 26_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

# Mail: a clinic's SMTP server by SURCEASE_SMTP=smtp://user:password@host:port, else files in home/outbox.
EMAIL_BACKEND = "surcease.web.mail.Backend"
DEFAULT_FROM_EMAIL = os.environ.get("SURCEASE_FROM", "surcease@localhost")

# Who someone is.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_ADAPTER = "surcease.web.accounts.adapter.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # addresses are entered by the clinic, nobody signs up
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_FORMS = {"request_login_code": "surcease.web.accounts.forms.RequestCode"}
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "60/m/ip,5/m/key",
    "reauthenticate": "5/m/user",
    "reset_password": "20/m/ip,5/m/key",
}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if os.environ.get("SURCEASE_PROXY") == "1" else 0
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not TLS  # http://localhost is a secure context, an IP address is not
MFA_TOTP_ISSUER = "Surcease"
MFA_ADAPTER = "surcease.web.accounts.adapter.SecondFactorAdapter"

# Sessions: idle and absolute limits are enforced by SessionLimits; a clinic may set its own.
SESSION_IDLE_MINUTES = 15
SESSION_ABSOLUTE_HOURS = 12
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_HOURS * 3600
SESSION_COOKIE_NAME = "surcease_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "surcease.web.errors.csrf"

# What the browser may do.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = TLS and os.environ.get("SURCEASE_PROXY") != "1"
SECURE_HSTS_SECONDS = 31_536_000 if TLS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("SURCEASE_PROXY") == "1" else None
# HSTS for other hosts of the clinic's domain, and preload lists, are not ours to promise.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_patient_data": {"()": "surcease.web.logs.NoPatientData"}},
    "formatters": {
        "line": {"()": "surcease.web.logs.OneLine", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no_patient_data"]},
    },
    "root": {"handlers": ["stderr"], "level": os.environ.get("SURCEASE_LOG", "WARNING")},
    "loggers": {
        "django.request": {"level": "ERROR", "propagate": True},
        "django.server": {"handlers": ["stderr"], "propagate": False},
        "django": {"handlers": [], "propagate": True},
    },
}
