"""One file of settings. What differs between places comes from the environment, secrets only from there.

Loading this file needs no running service. Outside a local run or a test, it refuses to start
without its secrets rather than guess one.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from her2tracker.lib import logs

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def env_bool(name: str, *, default: bool = False) -> bool:
    text = env(name).strip().lower()
    if text in ("", "1", "true", "yes", "on", "0", "false", "no", "off"):
        return default if not text else text in ("1", "true", "yes", "on")
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {text!r}")


def required(name: str, local_default: str) -> str:
    """The variable, or the local default on a laptop or in a test; an error anywhere else."""
    value = env(name)
    if not value and not LOCAL:
        raise ImproperlyConfigured(f"{name} must be set (or HER2TRACKER_LOCAL=1 on a laptop)")
    return value or local_default


# LOCAL: a laptop, the demo or a test run. Services are embedded, mail stays on disk, no TLS in front.
LOCAL = env_bool("HER2TRACKER_LOCAL")
DEBUG = env_bool("HER2TRACKER_DEBUG")
STATE_DIR = Path(env("HER2TRACKER_STATE", str(BASE_DIR / "var")))
SECRET_KEY = required("HER2TRACKER_SECRET_KEY", "local-only-not-a-secret-" + "0" * 40)
ALLOWED_HOSTS = [h for h in required("HER2TRACKER_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if h]
CSRF_TRUSTED_ORIGINS = [o for o in env("HER2TRACKER_ORIGINS").split(",") if o]
# `sender(number, text)` by its dotted path. Empty: no text messages; a site cannot switch them on.
SMS_SEND = env("HER2TRACKER_SMS_SEND", "")
METRICS_TOKEN = env("HER2TRACKER_METRICS_TOKEN")  # empty: /health/metrics/ is not there
# Where people reach it: mails and calendars carry this address.
PUBLIC_URL = required("HER2TRACKER_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "django_structlog",
    "template_partials",
    "heroicons",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "pgtrigger",
    "pghistory",
    "her2tracker.accounts",
    "her2tracker.audit",
    "scheduling",
    "monitoring",
    "her2tracker.clinic",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "her2tracker.audit.idle.SignedOutWhenIdle",
    "her2tracker.accounts.middleware.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "her2tracker.accounts.middleware.SecondFactorRequired",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "her2tracker.urls"
WSGI_APPLICATION = "her2tracker.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "her2tracker.clinic.context.frame",
            ],
        },
    }
]

DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(
        required("DATABASE_URL", "postgres://her2tracker@127.0.0.1:5432/her2tracker"),
        conn_max_age=60,
        conn_health_checks=True,
    )
}
# How alike a name must be to be found. Said to the server, because only then does its trigram index answer.
_options = DATABASES["default"].setdefault("OPTIONS", {})
_options.setdefault("connect_timeout", 5)  # seconds; a server that never answers must not hold a page
_options["options"] = f"{_options.get('options', '')} -c pg_trgm.word_similarity_threshold=0.4".strip()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rate limits live in the database: pages must go on when Redis does not.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["her2tracker.accounts.backends.SignIn"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "her2tracker.audit.entrance.Entrance"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[her2tracker] "
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
# Wrong passwords: five in five minutes for one account, ten a minute from one address. Kept in the database's cache.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
MFA_ADAPTER = "her2tracker.audit.entrance.SecondFactor"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "her2tracker"
MFA_TOTP_TOLERANCE = 1  # half a minute to either side: a ward's clocks differ
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LOCAL
# A hospital's own identity provider, by OpenID Connect. Accounts are still made here; it vouches for the address.
OIDC_URL = env("HER2TRACKER_OIDC_URL")
OIDC_NAME = env("HER2TRACKER_OIDC_NAME", "the hospital’s sign-in")
SOCIALACCOUNT_ADAPTER = "her2tracker.audit.entrance.Hospital"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_ONLY = bool(OIDC_URL) and env_bool("HER2TRACKER_OIDC_ONLY")
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "hospital",
                "name": OIDC_NAME,
                "client_id": required("HER2TRACKER_OIDC_CLIENT_ID", "her2tracker"),
                "secret": required("HER2TRACKER_OIDC_SECRET", ""),
                "settings": {"server_url": OIDC_URL},
            }
        ]
        if OIDC_URL
        else [],
    }
}
SESSION_COOKIE_AGE = 60 * 60 * 12  # her2tracker.audit.idle ends a session before
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

LANGUAGE_CODE = "en-gb"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # each site has its own; "today" is always a site's

STATIC_URL = "static/"
STATIC_ROOT = STATE_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "her2tracker" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if LOCAL
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = LOCAL

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
if not LOCAL:
    SECURE_SSL_REDIRECT = env_bool("HER2TRACKER_TLS_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# Mail: SMTP when a host is named, else a folder that the local outbox page shows. Nobody would read that in a clinic.
SMTP_HOST = required("HER2TRACKER_SMTP_HOST", "")
DEFAULT_FROM_EMAIL = required("HER2TRACKER_MAIL_FROM", "her2tracker@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_FILE_PATH = str(STATE_DIR / "outbox")
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend" if SMTP_HOST else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_HOST = SMTP_HOST
EMAIL_PORT = int(env("HER2TRACKER_SMTP_PORT", "587"))
EMAIL_HOST_USER = env("HER2TRACKER_SMTP_USER")
EMAIL_HOST_PASSWORD = env("HER2TRACKER_SMTP_PASSWORD")
EMAIL_USE_TLS = env_bool("HER2TRACKER_SMTP_TLS", default=True)
EMAIL_TIMEOUT = 20
MAIL_OUTBOX_VISIBLE = LOCAL and not SMTP_HOST

# A file of 5 MB sent as JSON is longer than itself; what is larger still is refused unread.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024

REDIS_URL = required("REDIS_URL", "redis://127.0.0.1:6379/0")


def celery_broker(url: str) -> str:
    """Celery spells a socket redis+socket://path?virtual_host=N where everybody else says unix://path?db=N."""
    if not url.startswith("unix://"):
        return url
    path, _, query = url.removeprefix("unix://").partition("?")
    database = dict(part.split("=", 1) for part in query.split("&") if "=" in part).get("db", "0")
    return f"redis+socket://{path}?virtual_host={database}"


CELERY_BROKER_URL = celery_broker(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True  # the database is the record; a result in Redis would be a second truth
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 30 * 60
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_timeout": 5, "socket_connect_timeout": 5}
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_ROUTES = {"monitoring.tasks.deliver_reminders": {"queue": "mail"}}
# Intervals, not crontabs: an hourly crontab skips a run when clocks fall back. Tasks decide what is due.
CELERY_BEAT_SCHEDULE = {
    # A run that waited longer than its own interval has a younger twin: it expires instead of piling up.
    task.partition(".tasks.")[2].replace("_", "-"): {"task": task, "schedule": every, "options": {"expires": every}}
    for task, every in {
        "monitoring.tasks.heartbeat": 60.0,
        "monitoring.tasks.flag_overdue_echocardiograms": 900.0,
        "monitoring.tasks.flag_lvef_drops": 900.0,
        "monitoring.tasks.escalate_flags": 900.0,
        "monitoring.tasks.send_reminders": 300.0,
        "monitoring.tasks.deliver_reminders": 30.0,
        "scheduling.tasks.move_horizons": 3600.0,
        "scheduling.tasks.carry_out_moves": 15.0,
        "scheduling.tasks.import_plans": 15.0,
        "audit.tasks.check_history": 60.0,
        "monitoring.tasks.import_results": 15.0,
    }.items()
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "her2tracker.api.authentication.BearerToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["her2tracker.api.permissions.HasPermission"],
    "DEFAULT_PAGINATION_CLASS": "her2tracker.api.pagination.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "her2tracker.api.errors.handle",
    "DEFAULT_VERSIONING_CLASS": None,
    "PAGE_SIZE": 50,
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "her2tracker API",
    "DESCRIPTION": "Every page's facts and actions. The software advises; a clinician decides.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

# The list of a day is read once for all who ask within so many seconds and see the same version of it; 0: never.
DAY_KEPT_SECONDS = 10

# A start further away than this is a mistyped year, not a plan.
PLAN_START_WITHIN_DAYS = 730

# scheduling refuses treatment on a cardiac objection without importing monitoring.
TREATMENT_CLEARANCE_CHECKS = ["monitoring.clearance.cardiac"]
# ... and shows what a delay does to the echoes in the same way.
SCHEDULE_CONSEQUENCES = ["monitoring.consequences.echoes", "monitoring.consequences.letters"]

PGHISTORY_APPEND_ONLY = True
# Triggers are put in place after each migrate, all of them as the models now say. As migration steps they were two
# thirds of all steps, and the minute a new clinic waited for its first page.
PGTRIGGER_MIGRATIONS = False
PGTRIGGER_INSTALL_ON_MIGRATE = True
PGHISTORY_INSTALL_CONTEXT_FUNC_ON_MIGRATE = True

logs.configure()
LOGGING = logs.to_console(env("HER2TRACKER_LOG_LEVEL", "INFO"))
DJANGO_STRUCTLOG_USER_ID_FIELD = "uuid"
