"""CustomerCreditTransferInitiationV03 (ISO 20022, pain.001.001.03): one payment information block for the account that pays.

Elements, their order and their lengths are the standard's; only those that a credit transfer of ours needs are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape

from linli.kernel.clock import SHANGHAI
from linli.settlement.banking.columns import require_plain, yuan_of
from linli.settlement.banking.refusals import refused
from linli.settlement.banking.rows import Head, Line

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"
_REFERENCE = re.compile(r"[A-Za-z0-9/?:().,'+-]{1,35}")
_ACCOUNT = re.compile(r"[A-Za-z0-9-]{1,34}")
BIC = re.compile(r"[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?")
LONGEST_NAME, LONGEST_BANK, LONGEST_NOTE = 140, 35, 140


def message(head: Head, lines: Iterable[Line]) -> Iterator[bytes]:
    """The document in pieces, in UTF-8."""
    yield opening(head).encode()
    for line in lines:
        yield transaction(line).encode()
    yield b"</PmtInf></CstmrCdtTrfInitn></Document>\n"


def transaction(line: Line) -> str:
    """One CdtTrfTxInf. Raises LinliError for a value that the standard has no room for."""
    agent = f"<CdtrAgt>{_agent(line.bank)}</CdtrAgt>" if line.bank else ""
    note = f"<RmtInf><Ustrd>{_text('note', line.note, LONGEST_NOTE)}</Ustrd></RmtInf>" if line.note else ""
    reference = _matching("reference", _REFERENCE, line.reference)
    return (
        f"<CdtTrfTxInf><PmtId><InstrId>{line.sequence}</InstrId><EndToEndId>{reference}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="CNY">{_amount(line.amount_fen)}</InstdAmt></Amt>{agent}'
        f"<Cdtr><Nm>{_text('name', line.name, LONGEST_NAME)}</Nm></Cdtr>"
        f"<CdtrAcct>{_account('account', line.account)}</CdtrAcct>{note}</CdtTrfTxInf>\n"
    )


def opening(head: Head) -> str:
    """What stands before the payments. Raises as transaction()."""
    number = _matching("number", _REFERENCE, head.number)
    payer = _text("payer_name", head.payer_name, LONGEST_NAME)
    totals = f"<NbOfTxs>{head.count}</NbOfTxs><CtrlSum>{_amount(head.total_fen)}</CtrlSum>"
    purpose = ""
    if head.project_code:
        purpose = f"<PmtTpInf><CtgyPurp><Prtry>{_text('project_code', head.project_code, 35)}</Prtry></CtgyPurp></PmtTpInf>"
    made = head.made_at.astimezone(SHANGHAI).replace(microsecond=0).isoformat()
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="{NAMESPACE}"><CstmrCdtTrfInitn>'
        f"<GrpHdr><MsgId>{number}</MsgId><CreDtTm>{made}</CreDtTm>{totals}<InitgPty><Nm>{payer}</Nm></InitgPty></GrpHdr>\n"
        f"<PmtInf><PmtInfId>{number}</PmtInfId><PmtMtd>TRF</PmtMtd>{totals}{purpose}"
        f"<ReqdExctnDt>{head.day.isoformat()}</ReqdExctnDt><Dbtr><Nm>{payer}</Nm></Dbtr>"
        f"<DbtrAcct>{_account('payer_account', head.payer_account)}</DbtrAcct>"
        f"<DbtrAgt>{_agent(head.payer_bank)}</DbtrAgt><ChrgBr>DEBT</ChrgBr>\n"
    )


def _agent(bank: str) -> str:
    """A bank by its BIC, or by its number in the national clearing system (CNAPS), which ISO's list of such systems calls CNAPS."""
    if BIC.fullmatch(bank):
        return f"<FinInstnId><BIC>{bank}</BIC></FinInstnId>"
    number = _text("bank", bank, LONGEST_BANK)
    return f"<FinInstnId><ClrSysMmbId><ClrSysId><Cd>CNAPS</Cd></ClrSysId><MmbId>{number}</MmbId></ClrSysMmbId></FinInstnId>"


def _account(of: str, number: str) -> str:
    return f"<Id><Othr><Id>{_matching(of, _ACCOUNT, number)}</Id></Othr></Id>"


def _amount(fen: int) -> str:
    if not 0 < fen < 10**17:
        raise _refused("amount", ("大于零的金额", "an amount above zero"), str(fen))
    return yuan_of(fen)


def _text(of: str, text: str, most: int) -> str:
    require_plain(of, text)
    if not 0 < len(text) <= most or text != text.strip():
        raise _refused(of, (f"1 至 {most} 个字，首尾没有空格", f"1 to {most} characters, no spaces at either end"), text)
    return escape(text)


def _matching(of: str, pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise _refused(of, ("字母、数字，不超过规定长度", "letters and digits, no longer than the standard allows"), text)
    return escape(text)


def _refused(of: str, expected: tuple[str, str], found: str) -> Exception:
    return refused(
        "not_writable",
        of,
        ("这一栏按报文标准写不下", "The message standard has no room for this."),
        expected=expected,
        found=found[:60],
        remedy=("核对后重新登记", "check it and enter it again"),
    )
