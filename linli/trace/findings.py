"""What a verification can find, each with a code, the place it names, and one sentence in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass

WORDS = {
    "altered": ("这条留痕被改动过", "this fact was altered"),
    "moved": ("这条留痕被调换了位置，原在第 {other} 位", "this fact was moved here from place {other}"),
    "removed": ("第 {seq} 至 {other} 位的留痕被删除", "the facts at places {seq} to {other} were removed"),
    "inserted": ("这条留痕是绕过系统插入的", "this fact was inserted behind the system"),
    "more": ("本链另有 {other} 条留痕不符", "{other} more facts of this chain do not fit"),
    "head_differs": ("链头与最后一条留痕不符", "the head of the chain does not fit its last fact"),
    "head_missing": ("链头被删除", "the head of the chain was removed"),
    "bulk_unanchored": ("批量链没有锚定，共 {other} 条留痕", "a bulk chain of {other} facts has no anchor"),
    "bulk_missing": ("锚定的批量链不存在，应有 {other} 条留痕", "an anchored bulk chain is gone; it had {other} facts"),
    "bulk_differs": ("批量链与锚定的根不符", "the bulk chain does not fit its anchored root"),
    "seal_missing": (
        "封存时链长为 {other}，现已变短：末尾被截去",
        "the chain had {other} facts when sealed and is shorter now: its tail was cut",
    ),
    "seal_differs": ("封存之后，封存以前的留痕被改写", "facts from before the seal were rewritten after it"),
    "row_altered": ("数据行被绕过系统改动", "the row was altered behind the trace"),
    "row_deleted": ("数据行被绕过系统删除", "the row was deleted behind the trace"),
    "named_missing": (
        "它所指的 {ids} 不在了，或内容不符：被绕过系统删除或改动",
        "the row that it names, {ids}, is gone or says otherwise: it was deleted or altered behind the trace",
    ),
    "count_differs": (
        "登记有 {other} 行，实际有 {ids} 行：被绕过系统删除或插入",
        "it says {other} rows, and there are {ids}: some were deleted or inserted behind the trace",
    ),
    "sum_differs": (
        "它所记的 {ids} 与现有的不符：被绕过系统改动",
        "what it says of {ids} is not what they hold: they were altered behind the trace",
    ),
    "row_unrecorded": ("数据行没有对应的留痕：绕过系统插入", "the row has no fact: it was inserted behind the trace"),
    "log_removed": ("已见证的记录被删除 {other} 条，编号：{ids}", "{other} witnessed rows were deleted; their ids: {ids}"),
    "log_inserted": (
        "见证之后被插入记录 {other} 条，编号：{ids}",
        "{other} rows were inserted after the range was witnessed; their ids: {ids}",
    ),
    "log_altered": ("已见证的记录被改动", "witnessed rows were altered"),
    "log_outside": (
        "{other} 条记录不在任何已见证的范围内：绕过系统插入",
        "{other} rows stand outside every witnessed range: they were inserted behind the system",
    ),
    "file_missing": ("加密文件不在存放处", "its encrypted file is not where it is kept"),
    "file_altered": ("加密文件被改动", "its encrypted file was altered"),
    "key_missing": (
        "密文所用的个人密钥 {ids} 不存在：被绕过系统删除或销毁",
        "its ciphertexts name the person's key {ids}, which was deleted or destroyed behind the system",
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. chain, seq, fact: the fact's place and id; row: "app.model:key"; other: a count or place.

    log: "table first–last", a witnessed range of a log; ids: what is missing or too many there, as far as it is known.
    """

    code: str
    chain: int | None = None
    seq: int | None = None
    fact: int | None = None
    row: str = ""
    other: int | None = None
    log: str = ""
    ids: str = ""

    def text(self, language: str) -> str:
        """One line: place, code, sentence."""
        chinese = language.startswith("zh")
        parts = []
        if self.row:
            parts.append(f"数据行 {self.row}" if chinese else f"row {self.row}")
        if self.log:
            parts.append(f"日志 {self.log}" if chinese else f"log {self.log}")
        if self.chain is not None:
            parts.append(f"链 {self.chain}" if chinese else f"chain {self.chain}")
        if self.seq is not None:
            parts.append(f"第 {self.seq} 位" if chinese else f"place {self.seq}")
        if self.fact is not None:
            parts.append(f"留痕 {self.fact}" if chinese else f"fact {self.fact}")
        sentence = WORDS[self.code][0 if chinese else 1].format(
            seq=self.seq, other=self.other, ids=self.ids or ("不明" if chinese else "not known")
        )
        return f"{'，'.join(parts)}：{sentence} [{self.code}]" if chinese else f"{', '.join(parts)}: {sentence} [{self.code}]"
