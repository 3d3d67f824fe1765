"""Django settings. Everything that differs between installations comes from the environment (docs/operate)."""

from __future__ import annotations

import os
from pathlib import Path

from linli.site.database import from_url

ROOT = Path(__file__).resolve().parents[2]
LINLI_STATE = Path(os.environ.get("LINLI_STATE", ROOT / ".linli"))
LINLI_CITY = Path(os.environ.get("LINLI_CITY", ROOT / "cities" / "yuncheng"))
LINLI_DEMO = os.environ.get("LINLI_DEMO", "") == "1"

# Which site this process is: the public one, the officers', or both in one (docs/operate/proxy.md).
LINLI_SITE = os.environ.get("LINLI_SITE", "all")
LINLI_ADDRESSES = {site: os.environ.get(f"LINLI_{site.upper()}_ADDRESS", "").rstrip("/") for site in ("public", "office")}
ROOT_URLCONF = {"public": "linli.site.urls.public", "office": "linli.site.urls.office"}.get(LINLI_SITE, "linli.site.urls")

DEBUG = False
SECRET_KEY = os.environ.get("LINLI_SECRET_KEY", "")
ALLOWED_HOSTS = os.environ.get("LINLI_HOSTS", "127.0.0.1,localhost,testserver").split(",")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "procrastinate.contrib.django",
    "linli.vault",
    "linli.trace",
    "linli.ledger",
    "linli.registers",
    "linli.programmes",
    "linli.screening",
    "linli.casework",
    "linli.agreements",
    "linli.batches",
    "linli.entitlements",
    "linli.settlement",
    "linli.circles",
    "linli.notices",
    "linli.insight",
    "linli.archives",
    "linli.api",
    "linli.web",
]
MIDDLEWARE = [
    "linli.site.observing.observe",
    "linli.web.frame.middleware.protective_headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "linli.api.middleware.api_edge",
    "linli.web.entrance.sessions.PortalSessions",
    "linli.web.frame.middleware.preferences",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "linli.web.frame.asked.without_nul",
    "linli.web.frame.middleware.session_limits",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
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
                "linli.web.frame.context.page",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "linli.web.templatetags.addresses",
                "linli.web.templatetags.components",
                "linli.web.templatetags.downloads",
                "linli.web.templatetags.phrases",
                "linli.web.templatetags.texts",
            ],
        },
    }
]
MESSAGE_TAGS = {20: "note", 25: "good", 30: "open", 40: "bad"}  # the kinds of the notice component
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # a widget of ours is a template of ours
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "linli.web.frame.assets.VersionedAssets"},
}
FILE_UPLOAD_HANDLERS = [
    "linli.web.imports.receiving.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
# A photo of somebody's papers stays in memory and never lies on the disk in clear: as large as one may be (linli.papers.scans).
FILE_UPLOAD_MAX_MEMORY_SIZE = 20 * 2**20 + 64 * 2**10
STATIC_URL = "/static/"
STATIC_ROOT = LINLI_STATE / "static"
WHITENOISE_MAX_AGE = 30 * 24 * 3600  # an asset's address carries the digest of its content

# Behind a reverse proxy with TLS, LINLI_HTTPS=1 makes every cookie travel encrypted only.
LINLI_HTTPS = os.environ.get("LINLI_HTTPS", "") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LINLI_HTTPS
# Staff and residents have cookies and tables of their own; over https no other host can set them.
SESSION_COOKIE_NAME = "__Host-linli_staff" if LINLI_HTTPS else "linli_staff"
LINLI_RESIDENT_COOKIE = "__Host-linli_resident" if LINLI_HTTPS else "linli_resident"
SESSION_COOKIE_AGE = 8 * 3600  # one working day, however busy
LINLI_IDLE_MINUTES = int(os.environ.get("LINLI_IDLE_MINUTES", "30"))
# Everybody who works here shows a second factor; in a demo whoever has set one up does.
LINLI_SECOND_FACTOR = os.environ.get("LINLI_SECOND_FACTOR", "optional" if LINLI_DEMO else "required")
# The city's identity service (OpenID Connect), for signing in as staff; without an issuer there is none.
LINLI_OIDC = {
    "issuer": os.environ.get("LINLI_OIDC_ISSUER", "").rstrip("/"),
    "client": os.environ.get("LINLI_OIDC_CLIENT", ""),
    "secret": os.environ.get("LINLI_OIDC_SECRET", ""),
}
# The same for residents, perhaps another service: claim names what carries the identity number, by which the resident is found.
LINLI_RESIDENT_OIDC = {
    "issuer": os.environ.get("LINLI_RESIDENT_OIDC_ISSUER", "").rstrip("/"),
    "client": os.environ.get("LINLI_RESIDENT_OIDC_CLIENT", ""),
    "secret": os.environ.get("LINLI_RESIDENT_OIDC_SECRET", ""),
    "claim": os.environ.get("LINLI_RESIDENT_OIDC_CLAIM", "id_number"),
    "scope": os.environ.get("LINLI_RESIDENT_OIDC_SCOPE", "openid profile"),
}
LINLI_RESIDENT_IDENTITY_SERVICE = "linli.gateways.oidc.residents" if LINLI_RESIDENT_OIDC["issuer"] else ""
LINLI_IDENTITY_SERVICE = "linli.gateways.oidc.OpenIdService" if LINLI_OIDC["issuer"] else ""
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if LINLI_HTTPS else None
# How notices leave the house: the function that makes the adapter of each channel (linli/site/wiring.py, docs/notices.md).
LINLI_CHANNELS = {"sms": "linli.site.wiring.sms"} | ({"email": "linli.site.wiring.email"} if os.environ.get("LINLI_SMTP") else {})
# Where documents are kept, encrypted: the folder files of the state, or with LINLI_S3 a bucket (linli/site/wiring.py, docs/documents.md).
LINLI_FILES = "linli.site.wiring.bucket" if os.environ.get("LINLI_S3") else "linli.vault.files.shelf.folder"
LINLI_TOKEN_DESK = "linli.api.desk.TokenDesk"
LINLI_WALKING = "linli.circles.walking.OnFoot"
LINLI_CODE_SENDER = "linli.site.wiring.CodeBySms"
LOGIN_URL = "office:sign_in"
CSRF_FAILURE_VIEW = "linli.web.views.errors.csrf_failure"

# Networks of our own that a webhook may be sent to (CIDR, separated by commas); public addresses need none.
LINLI_WEBHOOK_NETWORKS = [text for text in os.environ.get("LINLI_WEBHOOK_NETWORKS", "").split(",") if text]

# One line per event on standard error, nothing in it about a person (linli/site/logs.py); as JSON also one per request.
LINLI_LOG = os.environ.get("LINLI_LOG", "text")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "linli.site.logs.JsonLines" if LINLI_LOG == "json" else "linli.site.logs.TextLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "linli.requests": {"level": "INFO" if LINLI_LOG == "json" else "WARNING"},
    },
}

AUTH_USER_MODEL = "registers.Staff"
DATABASES = {"default": from_url(os.environ.get("DATABASE_URL", ""), test_name=os.environ.get("LINLI_TEST_DB"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
WSGI_APPLICATION = "linli.site.wsgi.application"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [ROOT / "linli" / "web" / "locale"]
