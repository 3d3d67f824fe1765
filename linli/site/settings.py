"""Django settings. Everything that differs between installations comes from the environment (docs/operate)."""

from __future__ import annotations

import os
from pathlib import Path

from linli.site.database import from_url

ROOT = Path(__file__).resolve().parents[2]
LINLI_STATE = Path(os.environ.get("LINLI_STATE", ROOT / ".linli"))
LINLI_CITY = Path(os.environ.get("LINLI_CITY", ROOT / "cities" / "yuncheng"))
LINLI_DEMO = os.environ.get("LINLI_DEMO", "") == "1"

DEBUG = False
SECRET_KEY = os.environ.get("LINLI_SECRET_KEY", "")
ALLOWED_HOSTS = os.environ.get("LINLI_HOSTS", "127.0.0.1,localhost,testserver").split(",")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "linli.vault",
    "linli.trace",
    "linli.registers",
    "linli.programmes",
    "linli.screening",
    "linli.web",
]
AUTH_USER_MODEL = "registers.Staff"
DATABASES = {"default": from_url(os.environ.get("DATABASE_URL", ""), test_name=os.environ.get("LINLI_TEST_DB"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "linli.site.urls"
WSGI_APPLICATION = "linli.site.wsgi.application"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
