"""Every setting of the product, in one file. What depends on the machine comes from the environment.

A variable that is missing or wrong stops the start with a sentence that says what to set.
`launch/` sets all of them for `make run` and `make test`; docs/operating.md lists them for servers.
"""

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import environ
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def required(name: str, meaning: str) -> str:
    """Return an environment variable that has no sensible default, or stop and say what it is for."""
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set: {meaning}. ./manage.sh and make run set it; see docs/operating.md."
        )
    return value


def database(url_variable: str, meaning: str) -> dict[str, Any]:
    """Return one Django database from the URL in an environment variable; DATABASE_NAME replaces its name."""
    required(url_variable, meaning)
    settings: dict[str, Any] = dict(env.db_url(url_variable))
    if settings["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(
            f"{url_variable} must begin with postgres://; leadqual runs on PostgreSQL 15 or newer only."
        )
    settings["NAME"] = os.environ.get("DATABASE_NAME") or settings["NAME"]
    # A Unix socket's folder stands in a URL as %2Ftmp%2F..., as libpq reads it.
    settings["HOST"] = unquote(settings["HOST"])
    return settings | {
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **settings.get("OPTIONS", {}),
            "connect_timeout": 5,
            "application_name": "leadqual",
            # The plan of a prepared statement is kept from the first use on: users/prepared.py. Compiling our
            # statements takes PostgreSQL longer than running them, on one lead a hundred times as long.
            "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout=5000"
            " -c idle_in_transaction_session_timeout=60000 -c plan_cache_mode=force_generic_plan -c jit=off",
        },
    }


# --- The machine -------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = required("SECRET_KEY", "a random text of at least 50 characters that signs sessions")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts; '*' would let any Host header through.")

# The demo on one's own machine speaks plain http on the loopback address; everything else is https only.
PLAIN_HTTP = env.bool("PLAIN_HTTP", default=False)
LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "testserver"}
if PLAIN_HTTP and not set(ALLOWED_HOSTS) <= LOOPBACK:
    raise ImproperlyConfigured(
        "PLAIN_HTTP=1 is for 127.0.0.1 only: take the other hosts out of ALLOWED_HOSTS, or serve them by https."
    )

# True only where launch/ runs servers of its own; the demo accounts with their published password exist only there.
EMBEDDED = env.bool("EMBEDDED", default=False)

# --- Rooms -------------------------------------------------------------------------------------------------

ROOMS = ["users", "accounts", "scoring", "leads", "opportunities", "intake", "reports"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "knox",
    "lucide",
    "pghistory",
    "pgtrigger",
    "rest_framework",
    *ROOMS,
]

MIDDLEWARE = [
    "leadqual.middleware.RequestLog",
    # Around everything that answers by itself: also a redirect to https and a refused host carry the headers.
    "leadqual.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "leadqual.middleware.NothingKept",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "leadqual.middleware.WorkspaceZone",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
]

ROOT_URLCONF = "leadqual.urls"
WSGI_APPLICATION = "leadqual.wsgi.application"
ASGI_APPLICATION = "leadqual.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- PostgreSQL --------------------------------------------------------------------------------------------

STATEMENT_TIMEOUT_MS = env.int("STATEMENT_TIMEOUT_MS", default=15_000)

# Two roles: the owner migrates, the app reads and writes rows. manage.py sets DATABASE_AS_OWNER for the few
# commands that change the schema, so that no other process ever holds the owner's rights.
APP_DATABASE = database(
    "DATABASE_URL", "the PostgreSQL database, as the app's role: postgres://leadqual_app:...@host/leadqual"
)
APP_ROLE = APP_DATABASE["USER"]
OWNER_DATABASE = (
    database("DATABASE_OWNER_URL", "the same database, as the role that owns it")
    if os.environ.get("DATABASE_OWNER_URL") or env.bool("DATABASE_AS_OWNER", default=False)
    else None
)
if env.bool("DATABASE_AS_OWNER", default=False) and OWNER_DATABASE:
    # A migration may rightly take longer than a request.
    OWNER_DATABASE["OPTIONS"]["options"] = "-c lock_timeout=5000"
    DATABASES = {"default": OWNER_DATABASE}
else:
    DATABASES = {"default": APP_DATABASE}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The cache counts sign-in attempts and API calls, and must work without the broker: it is a table.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Celery ------------------------------------------------------------------------------------------------

REDIS_URL = required("REDIS_URL", "the Redis or Valkey that carries messages: redis://host:6379/0 or unix:///path")
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
# A dead broker may cost a request one second, never more; the sweep finds what a lost message forgot.
# leadqual/celery.py gives the worker longer limits.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Unfinished work of a dead worker is handed out again after this long.
    "visibility_timeout": env.int("BROKER_VISIBILITY_SECONDS", default=600),
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    "max_retries": 0,
    "interval_start": 0,
    "health_check_interval": 25,
    "global_keyprefix": env.str("BROKER_PREFIX", default="leadqual:"),
}
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
# Only both together bring back the task of a killed process; tasks recompute and overwrite, so twice is harmless.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_TASK_TIME_LIMIT = 120
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
# A message that nobody took in time is dropped: the next one does the same work.
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=30.0)
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "leads.tasks.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": max(5, SWEEP_SECONDS)}},
    "compare-drafts": {"task": "leads.tasks.compare_drafts", "schedule": 60.0, "options": {"expires": 60}},
    "refresh-reports": {"task": "reports.tasks.refresh", "schedule": 60.0, "options": {"expires": 60}},
    "forget-keys": {"task": "users.tasks.forget_keys", "schedule": crontab(hour=3, minute=40)},
    "rescore": {"task": "leads.tasks.rescore_everything", "schedule": crontab(hour=2, minute=10)},
}

# --- Sign-in -----------------------------------------------------------------------------------------------

# Field history is dated by the wall clock, like every fact: see users/facts.py.
PGHISTORY_CREATED_AT_FUNCTION = "clock_timestamp()"

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["users.sign_in.Backend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "users.sign_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/300s/key"}
# Counted by the client's address: behind proxies it is the one that the outermost of them saw.
NUM_PROXIES = env.int("NUM_PROXIES", default=0)
ALLAUTH_TRUSTED_PROXY_COUNT = NUM_PROXIES
MFA_ADAPTER = "users.sign_in.CodesAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "leadqual"

# --- API ---------------------------------------------------------------------------------------------------

KNOX_TOKEN_MODEL = "users.ApiKey"  # noqa: S105  # a model, no password
# knox's own migrations would make its table although our model takes its place.
MIGRATION_MODULES = {"knox": None}
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_TTL": timedelta(days=365), "TOKEN_PREFIX": "lq_"}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "users.api.keys.KeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated", "users.api.keys.KeyScope"],
    "EXCEPTION_HANDLER": "users.api.errors.answer",
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["users.api.bodies.JsonParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {"anon": "30/min", "user": "600/min"},
    "NUM_PROXIES": NUM_PROXIES,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "leadqual",
    "DESCRIPTION": "Lead qualification: leads, checklists, scores, hand-offs, opportunities, reports.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "HandoffState": "leads.models.handoff.Handoff.State",
        "UserRole": "users.models.Role",
        "BuyerRole": "scoring.models.BuyerRole",
    },
}

# --- Security ----------------------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "img-src": ["'self'", "data:"],
    "manifest-src": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    "object-src": ["'none'"],
}
SECURE_PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = not PLAIN_HTTP
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not PLAIN_HTTP
if env.bool("BEHIND_TLS_PROXY", default=False):
    # Only for a proxy that removes this header from what clients send.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_TRUSTED_ORIGINS = env.list(
    "CSRF_TRUSTED_ORIGINS", default=[] if PLAIN_HTTP else [f"https://{host}" for host in ALLOWED_HOSTS]
)

# Browsers take a __Host- cookie only over https, and bind it to this host alone.
COOKIE_PREFIX = "" if PLAIN_HTTP else "__Host-"
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not PLAIN_HTTP
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000  # the rules of one part of a policy are one form
DATA_UPLOAD_MAX_NUMBER_FILES = 1
FILE_UPLOAD_HANDLERS = ["leadqual.uploads.NoFiles"]

# --- Static files ------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT") or BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "leadqual.fonts.FontFinder",
]
# Under tests files are served by plain name, straight from static/: nothing is collected and nothing can be stale.
TESTING = env.bool("TESTING", default="pytest" in sys.modules)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = TESTING or DEBUG

# --- Language and time -------------------------------------------------------------------------------------

TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]

# --- Logs: JSON lines on stderr, without personal data ------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "leadqual.logs.RequestId"}},
    "formatters": {"json": {"()": "leadqual.logs.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["request"]}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # Its default handlers would mail and print request data.
        "django": {"handlers": [], "propagate": True},
        # Each answer is logged once already, by leadqual.requests; only failures are worth a second line.
        "django.request": {"handlers": [], "level": "ERROR", "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
    },
}
