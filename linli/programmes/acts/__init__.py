"""Writes: an owner confirms a reading, a version is published; a draft is begun, saved, handed in, returned, withdrawn, published."""

from linli.programmes.acts.drafts import (
    LONGEST,
    begin_draft,
    publish_draft,
    return_draft,
    save_draft,
    submit_draft,
    upload_draft,
    withdraw_draft,
)
from linli.programmes.acts.publishing import ROLE, PublishReport, confirm_reading, publish_ready, publish_version

__all__ = [
    "LONGEST",
    "ROLE",
    "PublishReport",
    "begin_draft",
    "confirm_reading",
    "publish_draft",
    "publish_ready",
    "publish_version",
    "return_draft",
    "save_draft",
    "submit_draft",
    "upload_draft",
    "withdraw_draft",
]
