"""Second factors of staff: codes from a telephone (TOTP, RFC 6238), passkeys (WebAuthn level 2), recovery codes.

What was shown once is never shown again: secrets are sealed by the vault, recovery codes are kept as digests.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pyotp
import webauthn
from django.db import IntegrityError, transaction
from webauthn.helpers import structs

from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer, system
from linli.registers import facts
from linli.registers.acts.independence import password_chosen_by, require_independent
from linli.registers.acts.separation import not_yourself
from linli.registers.models import RecoveryCode, SecondFactor, Staff
from linli.trace import act
from linli.vault.acts import protect, reveal

CODES = 10
STEP = 30  # seconds a code lives; one step before and after is accepted, for clocks that go wrong
PURPOSE = "staff.second_factor"
_FIELD = "second_factor"
_VERIFIER = system("sign-in")


@dataclass(frozen=True, slots=True)
class NewTotp:
    """A code generator that is being set up: its coming uid and its sealed secret, to be kept until the first right code."""

    uid: UUID
    cipher: str

    def secret(self) -> str:
        """The secret, base32, for the telephone."""
        return _secret(self.uid, self.cipher)

    def address(self, login: str, issuer: str) -> str:
        """The otpauth: address that a telephone reads from the QR picture."""
        return pyotp.TOTP(self.secret()).provisioning_uri(name=login, issuer_name=issuer)


@dataclass(frozen=True, slots=True)
class Site:
    """What a passkey is bound to: host name and origin ("https://office.example") of the officers' pages."""

    host: str
    origin: str
    name: str


def factors_of(staff: Staff) -> list[SecondFactor]:
    """The factors in force, oldest first. One query."""
    return list(SecondFactor.objects.filter(staff=staff, removed_at=None).order_by("pk"))


def new_totp() -> NewTotp:
    """A fresh secret, sealed. Nothing counts until add_totp has seen a code made with it."""
    uid = uuid7()
    return NewTotp(uid, protect(uid, {_FIELD: pyotp.random_base32()})[_FIELD])


def add_totp(viewer: Viewer, *, staff: Staff, new: NewTotp, label: str, code: str) -> SecondFactor:
    """Put a code generator into force, once it has shown a right code. Only for oneself."""
    _require_self(viewer, staff)
    step = _step(new.secret(), code)
    if step is None:
        raise _wrong_code()
    now = clock.now()
    factor = SecondFactor(
        uid=new.uid, staff=staff, kind="totp", label=label.strip()[:60], secret_cipher=new.cipher, last_step=step, added_at=now
    )
    with act(viewer) as a:
        factor.save(force_insert=True)
        a.record(facts.FACTOR_ADDED, subject=staff.actor, payload={"kind": "totp"}, rows=[factor])
    return factor


def accept_totp(*, staff: Staff, code: str) -> bool:
    """Whether this is a code of one of the person's generators that has not been used yet. Locks their factors."""
    with transaction.atomic():
        for factor in SecondFactor.objects.select_for_update(no_key=True).filter(staff=staff, kind="totp", removed_at=None):
            step = _step(_secret(factor.uid, factor.secret_cipher), code)
            if step is not None and step > factor.last_step:
                factor.last_step = step
                factor.save(update_fields=["last_step"])
                return True
    return False


def passkey_to_add(*, staff: Staff, site: Site) -> tuple[str, bytes]:
    """What the browser is asked to make a passkey with, as JSON, and the challenge to keep for add_passkey."""
    known = [structs.PublicKeyCredentialDescriptor(id=bytes(one.credential_id or b"")) for one in factors_of(staff) if one.credential_id]
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_name=staff.login,
        user_id=staff.uid.bytes,
        exclude_credentials=known,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(user_verification=structs.UserVerificationRequirement.PREFERRED),
    )
    return webauthn.options_to_json(options), options.challenge


def add_passkey(viewer: Viewer, *, staff: Staff, label: str, credential: str, challenge: bytes, site: Site) -> SecondFactor:
    """Put a passkey into force. Only for oneself; a foreign origin, an old challenge or an altered answer is refused."""
    _require_self(viewer, staff)
    try:
        made = webauthn.verify_registration_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=site.host, expected_origin=site.origin
        )
    except Exception as problem:  # the parsers below raise whatever foreign bytes lead them into
        raise _wrong_passkey(problem) from problem
    factor = SecondFactor(
        uid=uuid7(),
        staff=staff,
        kind="passkey",
        label=label.strip()[:60],
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        added_at=clock.now(),
    )
    try:
        with act(viewer) as a:
            factor.save(force_insert=True)
            a.record(facts.FACTOR_ADDED, subject=staff.actor, payload={"kind": "passkey"}, rows=[factor])
    except IntegrityError as problem:
        raise _wrong_passkey(problem) from problem
    return factor


def passkey_to_ask(*, staff: Staff, site: Site) -> tuple[str, bytes] | None:
    """What the browser is asked to prove, as JSON, and the challenge to keep for accept_passkey; None without a passkey."""
    known = [structs.PublicKeyCredentialDescriptor(id=bytes(one.credential_id)) for one in factors_of(staff) if one.credential_id]
    if not known:
        return None
    options = webauthn.generate_authentication_options(rp_id=site.host, allow_credentials=known)
    return webauthn.options_to_json(options), options.challenge


def accept_passkey(*, staff: Staff, credential: str, challenge: bytes, site: Site) -> bool:
    """Whether one of the person's passkeys signed this challenge for this site. Locks their factors; a counter gone back is refused."""
    with transaction.atomic():
        for factor in SecondFactor.objects.select_for_update(no_key=True).filter(staff=staff, kind="passkey", removed_at=None):
            if not _names(credential, bytes(factor.credential_id or b"")):
                continue
            try:
                shown = webauthn.verify_authentication_response(
                    credential=credential,
                    expected_challenge=challenge,
                    expected_rp_id=site.host,
                    expected_origin=site.origin,
                    credential_public_key=bytes(factor.public_key or b""),
                    credential_current_sign_count=factor.sign_count,
                )
            except Exception:  # as in add_passkey
                return False
            factor.sign_count = shown.new_sign_count
            factor.save(update_fields=["sign_count"])
            return True
    return False


def _names(credential: str, known: bytes) -> bool:
    """Whether the answer names this credential."""
    found = re.search(r'"rawId"\s*:\s*"([A-Za-z0-9_-]+)"', credential)
    return bool(found) and hmac.compare_digest(found[1] if found else "", base64.urlsafe_b64encode(known).decode().rstrip("="))


def codes_left(staff: Staff) -> int:
    """How many recovery codes are still good. One query."""
    return RecoveryCode.objects.filter(staff=staff, ended_at=None).count()


def make_recovery_codes(viewer: Viewer, *, staff: Staff) -> list[str]:
    """Ten codes that work once each, in clear for the only time; earlier ones end. Only for oneself."""
    _require_self(viewer, staff)
    now = clock.now()
    codes = ["-".join(_letters(4) for _part in range(4)) for _code in range(CODES)]
    with act(viewer) as a:
        ended = list(RecoveryCode.objects.select_for_update(no_key=True).filter(staff=staff, ended_at=None))
        RecoveryCode.objects.filter(pk__in=[one.pk for one in ended]).update(ended_at=now)
        rows = [RecoveryCode(staff=staff, salt=salt, digest=_digest(salt, code), made_at=now) for code in codes for salt in [_salt()]]
        RecoveryCode.objects.bulk_create(rows)
        a.record(facts.RECOVERY_CODES_MADE, subject=staff.actor, payload={"codes": CODES}, rows=[*ended, *rows])
    return codes


def accept_recovery_code(*, staff: Staff, code: str) -> bool:
    """Whether this is one of the person's unused codes; it is used up by it."""
    given = "".join(code.upper().split()).replace("-", "")
    with act(Viewer(staff.actor)) as a:
        unused = list(RecoveryCode.objects.select_for_update(no_key=True).filter(staff=staff, ended_at=None))
        for row in unused:
            if hmac.compare_digest(_digest(row.salt, given), row.digest):
                row.ended_at = clock.now()
                row.save(update_fields=["ended_at"])
                a.record(facts.RECOVERY_CODE_USED, subject=staff.actor, payload={"left": len(unused) - 1}, rows=[row])
                return True
    return False


def remove_factor(viewer: Viewer, *, factor: SecondFactor) -> None:
    """Take a factor out of force: one's own, or another's by security, when a telephone was lost.

    Not by an administrator, who can set passwords: taking over an account needs two people. So it is refused, too, where the present
    password was chosen by somebody who could be sitting behind the viewer's account.
    """
    if viewer.actor != factor.staff.actor:
        viewer.require("security")
        if not viewer.all_seeing and (chooser := password_chosen_by(factor.staff)):
            require_independent(viewer.actor, chooser)
    with act(viewer) as a:
        row = SecondFactor.objects.select_for_update(no_key=True).select_related("staff").get(pk=factor.pk)
        if row.removed_at is not None:
            return
        row.removed_at = clock.now()
        row.secret_cipher = ""
        row.save(update_fields=["removed_at", "secret_cipher"])
        a.record(facts.FACTOR_REMOVED, subject=row.staff.actor, payload={"kind": row.kind}, rows=[row])


def _secret(uid: UUID, cipher: str) -> str:
    return reveal(_VERIFIER, purpose=PURPOSE, subject=uid, fields={_FIELD: cipher})[_FIELD]


def _step(secret: str, code: str) -> int | None:
    """The 30-second step whose code this is; None for any other text."""
    now, generator = int(clock.now().timestamp()) // STEP, pyotp.TOTP(secret)
    given = "".join(code.split()).encode()
    return next((step for step in (now, now - 1, now + 1) if hmac.compare_digest(generator.generate_otp(step).encode(), given)), None)


# Without letters that are taken for others: 32 characters, 5 bits each.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def _letters(number: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _letter in range(number))


def _salt() -> str:
    return secrets.token_hex(16)


def _digest(salt: str, code: str) -> str:
    return hashlib.sha256(f"{salt}{code.replace('-', '')}".encode()).hexdigest()


def _require_self(viewer: Viewer, staff: Staff) -> None:
    if viewer.actor != staff.actor:
        raise not_yourself(viewer, staff)


def _wrong_code() -> LinliError:
    return LinliError(
        "staff.wrong_code",
        zh="动态码不对",
        en="This is not the code.",
        place=Place(field="code"),
        expected="the six digits that the telephone shows now",
        expected_zh="手机此刻显示的六位数字",
        remedy_zh="输入手机上此刻显示的六位数字，并检查手机时间",
        remedy_en="enter the six digits shown now; check the telephone's clock",
    )


def _wrong_passkey(problem: Any) -> LinliError:
    return LinliError(
        "staff.wrong_passkey",
        zh="无法使用这个通行密钥",
        en="This passkey can't be used.",
        place=Place(field="credential"),
        found=type(problem).__name__,
        remedy_zh="请重试，或换一个设备",
        remedy_en="try again, or use another device",
    )
