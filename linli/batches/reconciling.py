"""Reconciliation (批次核对): what keeps a batch from being paid, level by level and person by person, and what to do about each.

It says what does not add up, never what is true. No tables: queries.py gives it a batch's figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from linli.batches.declared import Declared, Gap, fits, gaps
from linli.kernel.money import yuan_text


class Pair(NamedTuple):
    """Words in both languages."""

    zh: str
    en: str


# What may be wrong with single items, each with what it is and what to do.
ITEM_BLOCKS: dict[str, tuple[Pair, Pair]] = {
    "person_twice": (
        Pair("同一人在本期出现两次", "the same person stands twice in this period"),
        Pair("移出重复的一笔，或向经办县核实是否为同一人", "take one of them off the list, or ask the county whether it is one person"),
    ),
    "paid_annulled": (
        Pair("本期已按被撤销的决定发放过", "this period was paid already, under a decision that was annulled"),
        Pair(
            "先不要移出：公示和决定照常办。决定以后移出这一笔（原因选“重复”），钱不再发第二次。已发的钱在“多发款项核实”里办结：新决定与已发相同的，"
            "由两人确认“核实没有多发”；比已发少的，确认以后在原事项上登记相差的多发款项；比已发多的，相差的部分请报市级主管部门",
            "don't take it off yet: the notice and the decision go on. Once it is decided take it off as a duplicate: nothing is paid "
            "twice. What was paid is settled in the matter of money paid too much: where the new decision is the same, two officers "
            "confirm that nothing was; where it is less, state the difference at the old case afterwards; where it is more, ask the "
            "city's department about the difference",
        ),
    ),
    "household_twice": (
        Pair("同一户在本期出现两次", "the same household stands twice in this period"),
        Pair("移出重复的一笔，或更正户籍关系", "take one of them off the list, or correct the household"),
    ),
    "excluded": (
        Pair(
            "按登记不符合政策条件，或享受了互斥政策",
            "by the registers a condition isn't met, or something is received that may not be received beside this",
        ),
        Pair(
            "点开看是哪一条。登记有误的先更正；两项只能选一项的，请本人选定；不应发的移出，以后也不应发的，按异议或纠错撤销决定。"
            "改好后由另一人批准，批准时重新核对",
            "open it to see which condition. Mend the register if it is wrong; of two that exclude each other the person chooses one; "
            "what isn't owed is taken off the list, and what won't be any more has its decision annulled. The approval looks anew",
        ),
    ),
    "died": (
        Pair("登记为已故", "the register says that the person has died"),
        Pair("移出，按停发流程处理；登记有误的先更正", "take it off the list and stop the award; mend the register first if it is wrong"),
    ),
    "erased": (
        Pair("人员信息已注销", "the person's data were erased"),
        Pair("移出", "take it off the list"),
    ),
    "unchecked_document": (
        Pair("有材料未审核", "a document is unchecked"),
        Pair("在事项页面逐份审核材料", "check every document on the page of its case"),
    ),
    "rejected_document": (
        Pair("有材料被认定不合格", "a document was rejected"),
        Pair(
            "请本人重新提交那份材料（办结以后也可以），审核合格后自动消除；审核有误的，在材料页面改正；不该给予的，移出并按异议或纠错撤销决定",
            "have that paper given again, also after the case has ended: once accepted this goes by itself; mend the check if it was "
            "wrong; where nothing should have been granted take it off the list and have the decision annulled",
        ),
    ),
    "check_open": (
        Pair("核查未完成", "a check is not done"),
        Pair("由核查单位填写结果", "the reviewing office enters its result"),
    ),
    "finding_open": (
        Pair("核查发现的问题未处理", "a finding is not settled"),
        Pair("移出，或由另一名人员写明处理结果", "take it off the list, or have another officer settle it with reasons"),
    ),
    "objection_open": (
        Pair("公示异议未办结或成立", "an objection to the public notice is open or was right"),
        Pair("先办结异议；异议成立的，移出", "deal with the objection first; where it was right, take the item off the list"),
    ),
    "no_account": (
        Pair("没有收款账户", "no account to pay to"),
        Pair("请收款人到窗口补登账户", "have the payee give an account at a window"),
    ),
    "not_a_level": (
        Pair("金额不在政策规定的档次内，或超过每期上限", "the amount is none of the programme's levels, or above the most for one period"),
        Pair(
            "核对认定金额或单据；确需折算的，政策文件须写明",
            "look at the award or the slip; where amounts are pro-rated the programme has to say so",
        ),
    ),
    "slip_without_paper": (
        Pair("凭证没有上传、没有审核合格，或由登记人自己审核", "a slip's paper is missing, not accepted, or accepted by who stated it"),
        Pair(
            "移出；上传凭证并由同事审核后重新登记",
            "take it off the list; hand in the paper, let a colleague accept it and state the slip anew",
        ),
    ),
    "undecided": (
        Pair("还没有决定，公示结束后决定", "not decided yet: that comes after the public notice"),
        Pair("不用移出：决定给予以后，这一条自动消失", "nothing to take off: this goes by itself once it is decided"),
    ),
    "award_ended": (
        Pair("待遇已停止或变更", "the award was stopped or changed meanwhile"),
        Pair("移出；变更后的金额列入下一批次", "take it off the list; what is due now goes into the next batch"),
    ),
}


@dataclass(frozen=True, slots=True)
class Fund:
    """What a fund has free, in fen, and what it would have to pay for the batch. held: whether that is held for the batch already.
    names: of the funds, in Chinese and English."""

    slug: str
    free_fen: int
    wanted_fen: int
    held: bool = False
    names: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Figures:
    """A batch as it stands. levels: fen -> (how many, their sum); blocked: code of ITEM_BLOCKS -> how many items; frozen: count and total
    when the list was closed, None before."""

    levels: Mapping[int, tuple[int, int]]
    blocked: Mapping[str, int]
    funds: Sequence[Fund] = ()
    frozen: tuple[int, int] | None = None

    @property
    def count(self) -> int:
        return sum(count for count, _ in self.levels.values())

    @property
    def total_fen(self) -> int:
        return sum(total for _, total in self.levels.values())


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One level beside what was handed in for it; None where nothing was. difference_fen: the list's sum less the one handed in."""

    fen: int
    count: int
    sum_fen: int
    declared_count: int | None
    declared_fen: int | None

    @property
    def difference_fen(self) -> int | None:
        return None if self.declared_fen is None else self.sum_fen - self.declared_fen

    @property
    def agrees(self) -> bool:
        """Whether count times level is the sum, and both are what was handed in."""
        handed_in = self.declared_count is None or (self.declared_count == self.count and self.declared_fen == self.sum_fen)
        return self.sum_fen == self.fen * self.count and handed_in


@dataclass(frozen=True, slots=True)
class Block:
    """One thing that keeps the batch from being paid. items: how many items it is about, 0: the batch as a whole."""

    code: str
    what: Pair
    remedy: Pair
    items: int = 0

    @staticmethod
    def of(code: str, what: tuple[str, str], remedy: tuple[str, str], items: int = 0) -> Block:
        """One out of plain pairs."""
        return Block(code, Pair(*what), Pair(*remedy), items)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A batch set against its levels, what was handed in, its funds and its people. declared_*: of all that was handed in."""

    levels: tuple[LevelRow, ...]
    count: int
    total_fen: int
    declared_count: int | None
    declared_fen: int | None
    blocks: tuple[Block, ...]

    @property
    def holds(self) -> bool:
        """Whether it may be paid."""
        return not self.blocks

    @property
    def difference_fen(self) -> int | None:
        """What the list comes to less the total handed in; None where none was."""
        return None if self.declared_fen is None else self.total_fen - self.declared_fen


def reconcile(figures: Figures, declared: Declared | None = None) -> Reconciliation:
    """Everything that speaks against paying the batch. O(levels): items were counted by the database."""
    rows = tuple(_rows(figures, declared))
    found = [*_sums(figures, rows), *(_against(figures, declared) if declared else ()), *_funds(figures.funds), *_items(figures.blocked)]
    told = declared or Declared()
    return Reconciliation(rows, figures.count, figures.total_fen, told.count, told.total_fen, tuple(found))


def _rows(figures: Figures, declared: Declared | None) -> Iterator[LevelRow]:
    given = {level.fen: level for level in declared.levels} if declared else {}
    for fen in sorted({*figures.levels, *given}, reverse=True):
        count, total = figures.levels.get(fen, (0, 0))
        level = given.get(fen)
        if not given:
            yield LevelRow(fen, count, total, None, None)
        else:
            told = level.sum_fen if level and level.sum_fen is not None else fen * level.count if level else 0
            yield LevelRow(fen, count, total, level.count if level else 0, told)


def _sums(figures: Figures, rows: Iterable[LevelRow]) -> Iterator[Block]:
    """Σ (level × count) against the sum, and the list against itself when it was closed."""
    if not figures.count:
        yield Block.of("empty", ("名单是空的", "the list is empty"), ("先收录待发放的待遇", "gather awards first"))
    for row in rows:
        if row.sum_fen != row.fen * row.count:
            yield _sum_block("level_sum", row.fen * row.count, row.sum_fen, f"{yuan_text(row.fen)} × {row.count:,}")
    if figures.frozen is not None and (figures.count, figures.total_fen) != figures.frozen:
        count, total = figures.frozen
        yield Block.of(
            "changed",
            (
                f"名单冻结时 {count:,} 笔 {yuan_text(total)} 元，现为 {figures.count:,} 笔 {yuan_text(figures.total_fen)} 元",
                f"closed with {count:,} items and {yuan_text(total)} yuan, now {figures.count:,} and {yuan_text(figures.total_fen)}",
            ),
            ("查明移出的笔数是否都有记录；否则作废本批次重新收录", "see that every removal is on record; otherwise dissolve this batch"),
        )


def _sum_block(code: str, expected: int, found: int, how: str) -> Block:
    return Block.of(
        code,
        (
            f"{how} = {yuan_text(expected)} 元，名单合计 {yuan_text(found)} 元，相差 {yuan_text(abs(expected - found))} 元",
            f"{how} = {yuan_text(expected)} yuan, the list says {yuan_text(found)}: a difference of {yuan_text(abs(expected - found))}",
        ),
        ("逐笔核对该档金额", "look at every item of this level"),
    )


def _against(figures: Figures, declared: Declared) -> Iterator[Block]:
    """The list against what was handed in, and what was handed in against itself."""
    for gap in gaps(declared):
        yield _gap(gap)
    if declared.over_fen:
        yield Block.of(
            "not_exact",
            ("申报总额是约数（“余”）", "the total handed in is not exact (“and more”)"),
            ("请申报单位报送精确到分的总额", "ask for the total to the fen"),
        )
    if not fits(declared, figures.total_fen):
        yield _difference(figures.total_fen, declared.total_fen or 0)
    count, told = figures.count, declared.count
    if told is not None and told != count:
        yield Block.of(
            "count",
            (
                f"名单 {figures.count:,} 笔，申报 {declared.count:,} 笔",
                f"the list has {figures.count:,} items, {declared.count:,} were handed in",
            ),
            ("与申报单位逐人核对", "compare the people one by one with whoever handed it in"),
        )
    for row in _rows(figures, declared):
        if row.declared_count is not None and not row.agrees:
            yield Block.of(
                "level_declared",
                (
                    f"{yuan_text(row.fen)} 元档：名单 {row.count:,} 人 {yuan_text(row.sum_fen)} 元，"
                    f"申报 {row.declared_count:,} 人 {yuan_text(row.declared_fen or 0)} 元",
                    f"level {yuan_text(row.fen)}: the list has {row.count:,} with {yuan_text(row.sum_fen)} yuan, "
                    f"handed in were {row.declared_count:,} with {yuan_text(row.declared_fen or 0)}",
                ),
                ("与申报单位核对该档人员", "compare this level with whoever handed it in"),
            )


def _difference(listed: int, handed_in: int) -> Block:
    more_zh, more_en = ("多", "more") if listed > handed_in else ("少", "less")
    apart = yuan_text(abs(listed - handed_in))
    return Block.of(
        "total",
        (
            f"名单合计 {yuan_text(listed)} 元，申报总额 {yuan_text(handed_in)} 元，名单{more_zh} {apart} 元",
            f"the list comes to {yuan_text(listed)} yuan, {yuan_text(handed_in)} were handed in: {apart} {more_en}",
        ),
        (
            "按档次核对人数与标准；总额有误的，请申报单位更正后重报",
            "compare number and rate of each level; if the total is wrong, have it corrected and handed in again",
        ),
    )


def _gap(gap: Gap) -> Block:
    """A contradiction within what was handed in."""
    said = yuan_text if gap.fen else "{:,}".format
    level = (f"{yuan_text(gap.level_fen)} 元档", f"level {yuan_text(gap.level_fen)}") if gap.level_fen else ("各档", "all levels")
    names = {
        "level": (f"申报表 {level[0]}：档次 × 人数", f"handed in, {level[1]}: level × number"),
        "levels_total": ("申报表：各档之和", "handed in: the sum of the levels"),
        "levels_count": ("申报表：各档人数之和", "handed in: the people of the levels"),
        "parts": ("申报表：分项人数之和", "handed in: the sum of the parts"),
    }
    zh, en = names[gap.code]
    apart = said(abs(gap.difference))
    return Block.of(
        f"declared_{gap.code}",
        (
            f"{zh} {said(gap.expected)}，所报 {said(gap.found)}，相差 {apart}",
            f"{en} is {said(gap.expected)}, {said(gap.found)} was told: a difference of {apart}",
        ),
        ("请申报单位更正后重报；本系统不代为推断", "have it corrected and handed in again; nothing is guessed here"),
    )


def _funds(funds: Iterable[Fund]) -> Iterator[Block]:
    for fund in funds:
        if not fund.held and fund.wanted_fen > fund.free_fen:
            short = yuan_text(fund.wanted_fen - fund.free_fen)
            free, wanted = yuan_text(fund.free_fen), yuan_text(fund.wanted_fen)
            yield Block.of(
                "overdrawn",
                (
                    f"{fund.names[0] or fund.slug}可用 {free} 元，需要 {wanted} 元，缺 {short} 元",
                    f"{fund.names[1] or fund.slug}: {free} yuan are free, {wanted} are needed: {short} short",
                ),
                ("钱到账后在“资金”页登记，或分批发放", "enter on the page of funds what has arrived, or make a smaller batch"),
            )


def _items(blocked: Mapping[str, int]) -> Iterator[Block]:
    for code, (what, remedy) in ITEM_BLOCKS.items():
        if count := blocked.get(code, 0):
            yield Block.of(code, (f"{what[0]}：{count:,} 笔", f"{what[1]}: {count:,}"), remedy, count)
