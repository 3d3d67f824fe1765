"""A mail address is used once its owner has typed the code that was sent to it: nobody's letters go to a stranger by a slip of the pen."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from linli import vault
from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.notices import acts, ports, queries
from linli.notices.models import MailProof, Preference
from linli.notices.ports import Message

_log = logging.getLogger(__name__)
LASTS, PAUSE = timedelta(minutes=30), timedelta(minutes=1)
TRIES = 5
SUBJECT = {"zh": "确认您的邮箱", "en": "Confirm your mail address"}
TEXT = {
    "zh": "确认邮箱用的数字是 {code}，30分钟内有效，只由您本人填写在刚才的页面上。如果不是您填的这个邮箱，不用理会这封邮件。",
    "en": "The figures that confirm this mail address are {code}, valid for 30 minutes, for you alone to type on the page you came from. "
    "If it was not you who gave this address, ignore this message.",
}


def ask(viewer: Viewer, *, recipient: UUID, address: str, language: str) -> None:
    """Send a code to the address. It is not used before the code came back. Raises LinliError for no address, no mail server, haste.

    The mail is handed over outside any transaction. Where nobody knows whether it went out, the person sees whether it comes.
    """
    queries.require_decides(viewer, recipient)
    try:
        validate_email(address)
    except ValidationError:
        raise _refused(
            "notices.bad_address", "邮箱写得不对", "This is no mail address.", ("核对后再填", "compare and type it again")
        ) from None
    if "email" not in ports.configured():
        raise _refused("notices.no_mail", "还没有开通邮件", "There is no mail service.", ("请用短信", "use text messages"))
    code = f"{secrets.randbelow(10**6):06d}"
    row = _new_proof(recipient, address, code)
    message = Message(to=address, text=TEXT[language].format(code=code), reference=f"confirm-{row.uid}", subject=SUBJECT[language])
    try:
        ports.channel("email").send(message)
    except LinliError:
        raise
    except Exception as error:  # a gateway that broke off in the middle: only the kind of failure is told, never the address
        _log.warning("whether a mail address could be asked is not known: %s", type(error).__name__)


def _new_proof(recipient: UUID, address: str, code: str) -> MailProof:
    now = clock.now()
    with transaction.atomic():
        before = MailProof.objects.select_for_update().filter(recipient=recipient).first()
        if before is not None and before.asked_at > now - PAUSE:
            raise _refused("notices.too_many_codes", "要得太勤，请稍等", "Asked for too often.", ("一分钟后再试", "try again in a minute"))
        row = before or MailProof(recipient=recipient)
        row.uid, row.asked_at, row.tries = uuid7(), now, 0
        row.email_cipher = vault.protect(recipient, {"email": address})["email"]
        row.hash = _hash(row, code)
        row.save()
    return row


def confirm(viewer: Viewer, *, recipient: UUID, code: str) -> Preference:
    """The code came back: letters go to this address from now on. Five tries, half an hour. Locks the proof."""
    queries.require_decides(viewer, recipient)
    with transaction.atomic():
        row = MailProof.objects.select_for_update().filter(recipient=recipient).first()
        good = row is not None and row.tries < TRIES and row.asked_at > clock.now() - LASTS
        if row is not None and good:
            row.tries += 1
            row.save(update_fields=["tries"])
            good = constant_time_compare(row.hash, _hash(row, "".join(code.split())))
    if row is None or not good:
        remedy = ("核对邮件，或重新填邮箱", "compare it with the mail, or start again")
        raise _refused("notices.wrong_code", "验证码不对，或已经过期", "The code is wrong or no longer valid.", remedy, field="code")
    return acts.use_email(viewer, proof=row)


def waiting(viewer: Viewer, recipient: UUID) -> bool:
    """Whether an address waits for its code."""
    queries.require_decides(viewer, recipient)
    return MailProof.objects.filter(recipient=recipient, tries__lt=TRIES, asked_at__gt=clock.now() - LASTS).exists()


def _hash(row: MailProof, code: str) -> str:
    return salted_hmac("linli.notices.mail", f"{row.uid}:{code}", algorithm="sha256").hexdigest()


def _refused(code: str, zh: str, en: str, remedy: tuple[str, str], field: str = "email") -> LinliError:
    return LinliError(code, zh=zh, en=en, place=Place(field=field), remedy_zh=remedy[0], remedy_en=remedy[1])
