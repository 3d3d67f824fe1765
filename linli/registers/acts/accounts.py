"""Residents' accounts: codes to a telephone, codes handed out at a window, and cards checked at a window.

A code has six digits, holds for five minutes (15 at a window, on paper) and five tries from one address, 25 from all together: a
stranger's wrong tries cost the stranger, not whoever holds the slip. Whether a telephone is known makes no difference to what is
answered or written.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from linli import vault
from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.identity import parse_identity
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.registers import facts
from linli.registers.acts.guards import lock, subject_of
from linli.registers.models import AccountSignIn, Resident, ResidentAccount, SignInCode, WrongCode
from linli.registers.ports import CodeSender
from linli.trace import act

LASTS, AT_WINDOW = timedelta(minutes=5), timedelta(minutes=15)
TRIES, TRIES_TOGETHER = 5, 25  # of one code, from one address and from all
WRONG, WINDOW = 40, timedelta(minutes=15)  # wrong codes from one address, of whatever contacts; a service hall may share it
PAUSE = timedelta(seconds=60)
HOUR = timedelta(hours=1)
# A stranger who asks for somebody's codes uses up their own five and leaves five to the owner. A service hall may share one address.
PER_CONTACT_AND_ADDRESS, PER_CONTACT_AN_HOUR, PER_ADDRESS_AN_HOUR = 5, 10, 60
KEPT, SIGN_INS_KEPT = timedelta(days=1), timedelta(days=190)
TEXTS = {
    "zh": "登录验证码 {code}，5分钟内有效，只由您本人填写在登录页。工作人员不会向您要验证码。咨询电话 {hotline}。",
    "en": "Your sign-in code is {code}, valid for 5 minutes, for you alone to type on the sign-in page. No official will ask for it. "
    "Questions: {hotline}.",
}


def contact_tokens(contact: str) -> list[str]:
    """The blind tokens of a telephone or of an identity number; LinliError for anything else."""
    compact = "".join(contact.split())
    if len(compact) == 18:
        return vault.blinds("identity", parse_identity(compact).number)
    digits = "".join(letter for letter in compact if letter.isascii() and letter.isdigit())
    if not 7 <= len(digits) <= 15:
        raise LinliError(
            "accounts.bad_contact",
            zh="请填写手机号，或18位身份证号",
            en="Give a telephone number, or an identity number of 18 characters.",
            place=Place(field="contact"),
            remedy_zh="核对号码后再填一次",
            remedy_en="check the number and type it again",
        )
    return vault.blinds("phone", digits)


def request_code(*, contact: str, address: str, sender: CodeSender, hotline: str, language: str = "zh") -> None:
    """Send a code to a telephone that is some account's or some resident's; for any other nothing is sent, and nobody can tell.

    For an identity number nothing is ever sent: its codes are handed out at a window. address: where the request came from.
    """
    tokens = contact_tokens(contact)
    origin = _origin(address)
    _throttle(tokens, origin)
    code = _keep(tokens[0], origin, LASTS)
    known = ResidentAccount.objects.filter(phone_token__in=tokens).exists() or _living(tokens).exists()
    if known:
        sender.send("".join(contact.split()), TEXTS[language].format(code=code, hotline=hotline))


def _origin(address: str) -> str:
    return salted_hmac("linli.registers.codes.address", address).hexdigest()


def _living(tokens: list[str]) -> QuerySet[Resident]:
    return Resident.objects.filter(phone_blind__in=tokens, erased_at__isnull=True, deceased_on__isnull=True)


def _throttle(tokens: list[str], origin: str) -> None:
    now = clock.now()
    SignInCode.objects.filter(sent_at__lt=now - KEPT).delete()
    recent = SignInCode.objects.filter(sent_at__gt=now - HOUR)
    own = recent.filter(contact__in=tokens).exclude(address="")
    if (
        own.filter(sent_at__gt=now - PAUSE).exists()
        or own.filter(address=origin).count() >= PER_CONTACT_AND_ADDRESS
        or own.count() >= PER_CONTACT_AN_HOUR
        or recent.filter(address=origin).count() >= PER_ADDRESS_AN_HOUR
    ):
        raise LinliError(
            "accounts.too_many_codes",
            zh="验证码要得太勤，请稍等",
            en="Codes were asked for too often.",
            expected=f"one a minute, {PER_CONTACT_AND_ADDRESS} an hour",
            expected_zh=f"每分钟一次，每小时 {PER_CONTACT_AND_ADDRESS} 次",
            remedy_zh="一分钟后再试；没有收到可到便民服务窗口办理",
            remedy_en="try again in a minute, or ask at a service window",
        )


def _keep(contact: str, origin: str, lasts: timedelta, printed_by: str = "") -> str:
    code, now = f"{secrets.randbelow(10**6):06d}", clock.now()
    row = SignInCode(uid=uuid7(), contact=contact, address=origin, sent_at=now, expires_at=now + lasts, printed_by=printed_by)
    row.hash = _hash(row, code)
    row.save(force_insert=True)
    return code


def _hash(row: SignInCode, code: str) -> str:
    return salted_hmac("linli.registers.codes", f"{row.uid}:{code}", algorithm="sha256").hexdigest()


def confirm_code(*, contact: str, code: str, address: str = "") -> ResidentAccount:
    """The account that a right code opens. Only the newest code counts, once; a wrong one costs a try, whatever is raised after it.

    A telephone without an account opens one at level phone if it is one living resident's in the register. address: where the try
    came from, which has tries of its own. The sign-in is kept for the account's owner to see.
    """
    tokens, origin = contact_tokens(contact), _origin(address)
    _require_patience(origin)
    with transaction.atomic():
        # A card number's codes are those from windows: asking for one on the page sends none, and must not put a slip out of use.
        slip = len("".join(contact.split())) == 18
        of_window = Q(address="") if slip else ~Q(address="")
        row = SignInCode.objects.select_for_update().filter(of_window, contact__in=tokens).order_by("-id").first()
        good = row is not None and row.used_at is None and row.expires_at > clock.now() and _heard(row, tokens, origin)
        if row is not None and good:
            good = constant_time_compare(row.hash, _hash(row, "".join(code.split())))
            row.tries, row.used_at = row.tries + 1, clock.now() if good else None
            row.save(update_fields=["tries", "used_at"])
        if not good:
            WrongCode.objects.create(contact=tokens[0], address=origin, at=clock.now())
    if not good:
        raise LinliError(
            "accounts.wrong_code",
            zh="验证码不对，或已经过期",
            en="The code is wrong or no longer valid.",
            place=Place(field="code"),
            remedy_zh="核对短信或窗口给的纸条；试错五次后要重新取码",
            remedy_en="compare it with the message or the slip; after five tries ask for a new one",
        )
    account = _account_of(contact, tokens)
    _note_sign_in(account, "slip" if slip else "phone", row.printed_by if row else "")
    return account


def _heard(row: SignInCode, tokens: list[str], origin: str) -> bool:
    """Whether a try at this code from this address is heard: neither the address nor all together have used up their tries. One query."""
    mine = WrongCode.objects.filter(contact__in=tokens, address=origin, at__gte=row.sent_at).count()
    return mine < TRIES and row.tries < TRIES_TOGETHER


def _require_patience(origin: str) -> None:
    """Raise LinliError where an address has tried too many wrong codes, of whatever contacts, in the last quarter of an hour."""
    now = clock.now()
    WrongCode.objects.filter(at__lt=now - KEPT).delete()
    if WrongCode.objects.filter(address=origin, at__gt=now - WINDOW).count() >= WRONG:
        raise LinliError(
            "accounts.too_many_tries",
            zh="这里试错的次数太多，请过15分钟再试",
            en="Too many wrong codes were typed here.",
            place=Place(field="code"),
            remedy_zh="15分钟后再试，或到便民服务窗口办理",
            remedy_en="try again in 15 minutes, or ask at a service window",
        )


def _note_sign_in(account: ResidentAccount, how: str, printed_by: str = "") -> None:
    """Keep for the owner that the account was signed in to; what is older than half a year is forgotten. Two statements."""
    now = clock.now()
    AccountSignIn.objects.filter(at__lt=now - SIGN_INS_KEPT).delete()
    AccountSignIn.objects.create(account=account, at=now, how=how, printed_by=printed_by)


def account_by_identity(*, identity: str) -> ResidentAccount:
    """The account of the living resident whom the city's identity service names by this number; opened if there is none.

    The account's own level stays what it is: a telephone code opens no more tomorrow because somebody signed in otherwise today.
    """
    tokens = vault.blinds("identity", parse_identity(identity).number)
    who = Resident.objects.filter(identity_blind__in=tokens, erased_at__isnull=True, deceased_on__isnull=True).first()
    if who is None:
        raise LinliError(
            "accounts.not_on_record",
            zh="人口登记中没有找到您",
            en="You were not found in the population register.",
            remedy_zh="带身份证到任一便民服务窗口登记一次",
            remedy_en="bring your identity card to any service window once",
        )
    with act(Viewer(subject_of(who), subject=str(who.uid))) as a:
        (row,) = lock(who)
        account = ResidentAccount.objects.filter(resident=row).first()
        if account is None:
            account = ResidentAccount(resident=row, subject=row.uid, level="phone", opened_at=clock.now())
            account.save(force_insert=True)
            a.record(facts.ACCOUNT_OPENED, subject=subject_of(row), payload={"level": "city"}, rows=[account])
    account.resident = who
    _note_sign_in(account, "city")
    return account


def _account_of(contact: str, tokens: list[str]) -> ResidentAccount:
    opened = Q(phone_token__in=tokens) | Q(resident__identity_blind__in=tokens)
    account = ResidentAccount.objects.select_related("resident").filter(opened).first()
    if account is not None:
        return account
    whose = list(_living(tokens)[:2])
    if len(whose) == 1:
        (resident,) = whose
        with act(Viewer(subject_of(resident), subject=str(resident.uid))) as a:
            (row,) = lock(resident)
            # One that was opened through the identity service has no telephone yet.
            account = ResidentAccount.objects.filter(resident=row).first()
            if account is None or (account.phone_token is None and account.checked_at is None):
                account = account or ResidentAccount(resident=row, subject=row.uid, level="phone", opened_at=clock.now())
                _set_phone(account, contact, tokens)
                account.save()
                a.record(facts.ACCOUNT_OPENED, subject=subject_of(row), payload={"level": "phone"}, rows=[account])
                return account
    raise LinliError(
        "accounts.ask_at_window",
        zh="这个号码还不能确定是哪一位居民的",
        en="It is not certain which resident this number belongs to.",
        remedy_zh="带身份证到任一便民服务窗口，一次就能开通",
        remedy_en="bring your identity card to any service window once",
    )


def require_clerk(viewer: Viewer) -> None:
    """Raise Refused unless the viewer is a clerk somewhere: any window serves residents of the whole city (全市通办)."""
    if not viewer.areas("clerk"):
        viewer.require("clerk")


def _require_card(resident: Resident, identity: str) -> None:
    """Raise LinliError unless this is the number of the resident's card."""
    if resident.identity_blind not in vault.blinds("identity", parse_identity(identity).number):
        raise LinliError(
            "accounts.other_card",
            zh="证件号码与登记的不一致",
            en="The card's number is not the registered one.",
            place=Place(field="identity"),
            remedy_zh="核对证件；登记有误请先更正",
            remedy_en="compare with the card; correct the record first if it is wrong",
        )


def check_card(viewer: Viewer, *, resident: Resident, identity: str, phone: str = "", key: str | None = None) -> ResidentAccount:
    """A clerk has the person and their card at the window: the account is opened if there is none and is at level card from now on.

    identity: the number on the card, which must be the resident's. phone: the telephone for codes from now on; a telephone that is
    another account's is refused. One that only the register named opens nothing any longer unless it is said again at the window: it
    may be somebody else's by now. Locks the resident. The same check twice in one act is one.
    """
    require_clerk(viewer)
    _require_card(resident, identity)
    tokens = contact_tokens(phone) if phone else []
    with act(viewer, key=key) as a:
        (row,) = lock(resident)
        if row.deceased_on is not None:
            raise LinliError("accounts.deceased", zh="该居民已登记死亡", en="This resident is recorded as deceased.")
        account = ResidentAccount.objects.filter(resident=row).first() or ResidentAccount(
            resident=row, subject=row.uid, opened_at=clock.now()
        )
        unconfirmed = account.checked_at is None and account.phone_token is not None
        if tokens:
            _require_free(tokens, account)
            _set_phone(account, phone, tokens)
        elif unconfirmed:
            account.phone_token, account.phone_cipher = None, ""
        account.level, account.checked_by, account.checked_at = "card", viewer.actor, clock.now()
        account.save()
        payload = {"level": "card", "phone": "set" if tokens else "ended" if unconfirmed else "kept"}
        a.record(facts.IDENTITY_CHECKED, subject=subject_of(row), payload=payload, rows=[account])
    return account


def _set_phone(account: ResidentAccount, phone: str, tokens: list[str]) -> None:
    account.phone_token = tokens[0]
    account.phone_cipher = vault.protect(account.subject, {"phone": "".join(phone.split())})["phone"]


def _require_free(tokens: list[str], account: ResidentAccount) -> None:
    if ResidentAccount.objects.filter(phone_token__in=tokens).exclude(pk=account.pk).exists():
        raise LinliError(
            "accounts.phone_taken",
            zh="这个手机号已是另一位居民的登录号码",
            en="This telephone already belongs to another resident's account.",
            place=Place(field="phone"),
            remedy_zh="换一个号码，或不填：本人可凭身份证号和窗口验证码登录，也可授权家人代办",
            remedy_en="use another, or leave it out: the card number and a code from a window open the account too",
        )


def issue_code(viewer: Viewer, *, account: ResidentAccount, identity: str) -> str:
    """A code for the person at the window to sign in with by their card number, to be handed over on paper. Needs level card.

    identity: the number on the card that lies on the counter, which must be the person's. That it was printed, and by whom, is a fact:
    the person is told, and later who printed the slip that a sign-in was made with.
    """
    require_clerk(viewer)
    token = account.resident.identity_blind
    if account.level == "phone" or token is None:
        raise LinliError(
            "accounts.no_card",
            zh="还没有核验身份证",
            en="No identity card has been checked yet.",
            remedy_zh="先在窗口核验身份证",
            remedy_en="check the card first",
        )
    _require_card(account.resident, identity)
    with act(viewer) as a:
        code = _keep(token, "", AT_WINDOW, viewer.actor)
        a.record(facts.CODE_ISSUED, subject=subject_of(account.resident), payload={})
    return code
