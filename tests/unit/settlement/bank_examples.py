"""A bank that reads our order with code of its own and answers it: what the tests of settlement stand on."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree

PAIN001 = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.03}"
PAIN002 = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"
PAID = {"transfer": "00", "yikatong": "0000", "iso20022": "ACCC"}
CLOSED = {"transfer": "13", "yikatong": "1003", "iso20022": "RJCT/AC04"}
PENDING = {"transfer": "99", "yikatong": "9999", "iso20022": "PDNG"}
RETURNED = {"transfer": "90", "yikatong": "2001"}


@dataclass(frozen=True)
class Asked:
    """One payment as the bank read it out of the file."""

    reference: str
    account: str
    name: str
    fen: int


def asked(slug: str, data: bytes) -> list[Asked]:
    """The payments of an order file, in order; the file's own sums are asserted."""
    return {"transfer": _transfer, "yikatong": _yikatong, "iso20022": _pain001}[slug](data)


def _transfer(data: bytes) -> list[Asked]:
    lines = data.decode("gb18030").split("\r\n")
    assert lines.pop() == ""
    head, *rows, tail = [line.split("|") for line in lines]
    found = [Asked(row[2], row[3], row[4], round(float(row[6]) * 100)) for row in rows]
    total = f"{sum(one.fen for one in found) / 100:.2f}"
    assert (head[0], head[5], head[6]) == ("H", str(len(found)), total)
    assert tail == ["T", str(len(found)), total]
    assert [row[:2] for row in rows] == [["D", str(number)] for number in range(1, len(rows) + 1)]
    return found


def _yikatong(data: bytes) -> list[Asked]:
    lines = data.split(b"\r\n")
    assert lines.pop() == b""
    assert {len(line) for line in lines[1:-1]} == {208}
    found = [
        Asked(row[21:41].decode().strip(), row[41:73].decode().strip(), row[73:133].decode("gb18030").strip(), int(row[133:148]))
        for row in lines[1:-1]
    ]
    total = sum(one.fen for one in found)
    assert int(lines[0][45:60]) == int(lines[-1][9:24]) == total
    assert int(lines[0][37:45]) == int(lines[-1][1:9]) == len(found)
    return found


def _pain001(data: bytes) -> list[Asked]:
    root = ElementTree.fromstring(data)
    found = []
    for one in root.iter(f"{PAIN001}CdtTrfTxInf"):
        paths = ("PmtId/EndToEndId", "CdtrAcct/Id/Othr/Id", "Cdtr/Nm", "Amt/InstdAmt")
        reference, account, name, amount = (one.findtext(PAIN001 + path.replace("/", f"/{PAIN001}"), default="") for path in paths)
        found.append(Asked(reference, account, name, round(float(amount) * 100)))
    assert root.findtext(f".//{PAIN001}NbOfTxs") == str(len(found))
    assert round(float(root.findtext(f".//{PAIN001}CtrlSum", default="0")) * 100) == sum(one.fen for one in found)
    return found


def answer(slug: str, rows: list[tuple[Asked, str]], *, day: str = "20261123") -> bytes:
    """An outcome file that says this code of each payment; its own sums are right."""
    return {"transfer": _transfer_answer, "yikatong": _yikatong_answer, "iso20022": _pain002}[slug](rows, day)


def _transfer_answer(rows: list[tuple[Asked, str]], day: str) -> bytes:
    total = f"{sum(one.fen for one, _ in rows) / 100:.2f}"
    lines = [f"H|N1|{day}|{len(rows)}|{total}"]
    lines += [f"D|{one.reference}|{one.account}|{one.fen / 100:.2f}|{code}|{day}|" for one, code in rows]
    return "\r\n".join([*lines, f"T|{len(rows)}|{total}", ""]).encode("gb18030")


def _yikatong_answer(rows: list[tuple[Asked, str]], day: str) -> bytes:
    total = sum(one.fen for one, _ in rows)
    lines = [f"1{'P':<12}{'N1':<16}{day}{len(rows):08}{total:015}"]
    lines += [f"2{one.reference:<20}{one.account:<32}{one.fen:015}{code:<4}{day}{'':<40}" for one, code in rows]
    return "\r\n".join([*lines, f"9{len(rows):08}{total:015}", ""]).encode("gb18030")


def _pain002(rows: list[tuple[Asked, str]], day: str) -> bytes:
    when = f"{day[:4]}-{day[4:6]}-{day[6:]}T09:00:00+08:00"
    parts = [f'<Document xmlns="{PAIN002}"><CstmrPmtStsRpt><OrgnlGrpInfAndSts><OrgnlMsgId>N1</OrgnlMsgId></OrgnlGrpInfAndSts>']
    for one, code in rows:
        status, _, reason = code.partition("/")
        why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
        parts.append(
            f"<TxInfAndSts><OrgnlEndToEndId>{one.reference}</OrgnlEndToEndId><TxSts>{status}</TxSts>{why}<AccptncDtTm>{when}</AccptncDtTm>"
            f'<OrgnlTxRef><Amt><InstdAmt Ccy="CNY">{one.fen / 100:.2f}</InstdAmt></Amt>'
            f"<CdtrAcct><Id><Othr><Id>{one.account}</Id></Othr></Id></CdtrAcct></OrgnlTxRef></TxInfAndSts>"
        )
    return "".join([*parts, "</CstmrPmtStsRpt></Document>"]).encode()
