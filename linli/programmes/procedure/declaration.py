"""What a programme says of the way from an application to paid, as values, with the words of every code."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from linli.rules import Rule
from linli.rules.declare import Label
from linli.sampling.rates import Step as RaisedRate

STARTS = {
    "invitation": Label("收到政策找人的邀请后确认", "after an invitation"),
    "resident": Label("本人申请", "the resident"),
    "proxy": Label("家人代办", "a family proxy"),
    "window": Label("窗口受理", "a clerk at a window"),
}
# From the lowest desk up; a delegated step moves down.
LEVELS = {
    "village": Label("村（社区）", "village"),
    "township": Label("乡镇（街道）", "township"),
    "county": Label("县（市、区）", "county"),
    "prefecture": Label("市级", "city"),
}
DEFAULT_LEVEL = "county"
ROLES = {"officer": Label("经办人员", "officer"), "clerk": Label("窗口人员", "window clerk"), "steward": Label("网格员", "grid worker")}
STEP_KINDS = {
    "check": Label("初审", "first check"),
    "review": Label("复核", "review"),
    "appraise": Label("评估鉴定", "appraisal"),
    "sign": Label("会签", "sign-off by every body named"),
    "decide": Label("审批决定", "decision"),
    "notice": Label("公示", "public notice"),
    "works": Label("施工", "works"),
    "accept_works": Label("验收", "acceptance of works"),
    "register": Label("登记", "registration of a result without an amount"),
    "forward": Label("转办，由其他系统决定", "forwarding to another system, which decides"),
}
STOPS_CLOCK = frozenset({"appraise", "notice"})
"""Kinds during which the statutory clock stands still."""
DECIDES = frozenset({"decide", "register", "forward"})
"""Kinds one of which every procedure needs: without it a case never has a result."""
LATE = {"escalate": Label("逾期自动提级", "a late step moves up a level"), "wait": Label("逾期只提醒", "a late step is only reminded of")}
DAY_UNITS = {"working": Label("工作日", "working days"), "calendar": Label("自然日", "calendar days")}
RECOURSE_UNITS = {"day": Label("日", "days"), "month": Label("个月", "months")}
CHECKS = {"officer": Label("由经办人员逐份审核", "checked by an officer"), "none": Label("不审核", "not checked")}
STRATA = {"county": LEVELS["county"], "township": LEVELS["township"]}
NOTICE_PLACES = {
    "before_decision": Label("决定之前", "before the decision"),
    "before_payment": Label("发放之前", "before payment"),
    "after_payment": Label("发放之后", "after payment"),
}
NOTICE_FIELDS = {
    "name": Label("姓名或名称", "name"),
    "township": Label("乡镇（街道）", "township"),
    "village": Label("村（社区）", "village"),
    "category": Label("类别", "category"),
    "amount": Label("金额（元）", "amount (yuan)"),
    "members": Label("保障人数", "number of members covered"),
    "period": Label("发放期间", "period"),
    "result": Label("办理结果", "result"),
}
# Public notice and Personal Information Protection Law, arts. 25 and 28: these are never shown to everyone, whatever a file says.
NEVER_SHOWN = {
    "identity_number": Label("身份证号", "identity number"),
    "account": Label("银行账号", "account"),
    "phone": Label("电话", "telephone"),
    "address": Label("详细住址", "address"),
    "birth_date": Label("出生日期", "date of birth"),
    "disability": Label("残疾情况", "disability"),
    "disability_kind": Label("残疾类别", "kind of disability"),
    "disability_level": Label("残疾等级", "level of disability"),
    "illness": Label("病情", "illness"),
    "diagnosis": Label("诊断", "diagnosis"),
}
CYCLES = {
    "once": Label("一次性", "once"),
    "month": Label("按月", "monthly"),
    "quarter": Label("按季度", "quarterly"),
    "term": Label("按学期", "each school term"),
    "year": Label("按年", "yearly"),
}
PAYEES = {
    "self": Label("本人", "the person"),
    "guardian": Label("监护人", "the guardian"),
    "provider": Label("服务机构", "the provider"),
    "school": Label("学校", "the school"),
    "employer": Label("用人单位", "the employer"),
}
RECKONED = {
    "rule": Label("按规则金额", "the rule's amount"),
    "days": Label("按天计算：每天按当天的标准", "day by day, at that day's rate"),
    "ceiling": Label("按实际发生，不超过规则金额", "what documents show, at most the rule's amount"),
    "slips": Label("按审核后的结算单据", "by the checked bills of the period"),
    "works": Label("按验收的改造清单", "the price of the accepted items"),
}
"""What one payment is."""
CHANNELS = {"yikatong": Label("惠民惠农一卡通", "the benefits card (一卡通)"), "transfer": Label("银行转账", "bank transfer")}
STOPS = {
    "died": Label("死亡", "death"),
    "moved_away": Label("迁出", "moving away"),
    "left_school": Label("退学", "leaving school"),
    "employed": Label("已就业", "finding work"),
    "in_institution": Label("入住供养机构", "moving into an institution"),
    "no_longer_eligible": Label("不再符合条件", "being no longer eligible"),
    "on_leave": Label("休学", "leave from school"),
    "repaid": Label("提前还款", "early repayment"),
}
RESUMES = {
    "leave_ended": Label("复学", "the end of leave"),
    "moved_back": Label("迁回", "moving back"),
    "left_institution": Label("离开供养机构", "leaving the institution"),
    "eligible_again": Label("重新符合条件", "being eligible again"),
}
BY_REGISTER = ("died", "repaid", "no_longer_eligible")
"""Stops that need no condition of the rule to say them: a death, a loan's early end, whatever condition is lost."""
PLACE = "place"
RESUMES_OF = {
    "on_leave": "leave_ended",
    "moved_away": "moved_back",
    "in_institution": "left_institution",
    "no_longer_eligible": "eligible_again",
}
"""What takes an award up again after which stop: with it the award rests, without it it ends."""
PRORATES = {"none": Label("不折算", "not pro-rated"), "day": Label("按天折算", "pro-rated by day")}


@dataclass(frozen=True, slots=True)
class Term:
    """A number of days, None while the owner has not said; unit: working or calendar."""

    days: int | None
    unit: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step between acceptance and the end. bodies: keys of city.yaml, the first one does it; of a sign step every one must sign.

    days: working days, None where not stated and of a notice, whose days stand under public_notice. officers: how many different people.
    """

    id: str
    kind: str
    label: Label
    level: str
    role: str
    bodies: tuple[str, ...]
    days: int | None
    officers: int

    @property
    def stops_clock(self) -> bool:
        """Whether the statutory clock stands still while it lasts."""
        return self.kind in STOPS_CLOCK


@dataclass(frozen=True, slots=True)
class Instant:
    """Approval by rule alone: cap in fen, how many days old a register's fact may be, the share checked afterwards."""

    cap: int
    fresh_days: int
    sample: Fraction


@dataclass(frozen=True, slots=True)
class Procedure:
    """From the application to the end of the steps. accept_days: working days to acceptance or to the one request for what is missing.

    supplement: how long the person then has; it lapses after that. delegated: levels that steps have been handed down to, by step id.
    """

    start: tuple[str, ...]
    accept_days: int | None
    supplement: Term | None
    steps: tuple[Step, ...]
    late: str
    delegated: Mapping[str, str]
    instant: Instant | None

    def step(self, identity: str) -> Step:
        """The step of that id. Raises KeyError."""
        return {step.id: step for step in self.steps}[identity]

    def level_of(self, step: Step) -> str:
        """Where the step is done once delegation is counted."""
        return self.delegated.get(step.id, step.level)


@dataclass(frozen=True, slots=True)
class RandomCheck:
    """A random share of the files, drawn in each county or township. raises: what findings do to the next rate (sampling.next_rate)."""

    rate: Fraction
    strata: str
    raises: tuple[RaisedRate, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """How a batch is checked. every: each file. key: a rule whose conditions name the files that are always checked, whichever holds.

    cross: the level at which units review each other's files, or None.
    """

    every: bool
    key: Rule | None
    random: RandomCheck | None
    cross: str | None


@dataclass(frozen=True, slots=True)
class PublicNotice:
    """What is shown to everyone, for how long and when. online: on the city's pages too; what concerns a minor never is."""

    fields: tuple[str, ...]
    term: Term
    place: str
    online: bool


@dataclass(frozen=True, slots=True)
class Retention:
    """Money kept back from a contractor until `days` after acceptance. rate: of the price; cap: the most that the law allows."""

    rate: Fraction
    cap: Fraction
    days: int
    source: Label


@dataclass(frozen=True, slots=True)
class Payment:
    """funds: ids in the order in which they are drawn on. payees: who may be paid, the usual one first. levels: in fen, all there are.

    reckoned: a key of RECKONED; slip_cap: the most of one period's slip in fen, None where no document says it.
    """

    funds: tuple[str, ...]
    cycle: str
    payees: tuple[str, ...]
    channel: str
    project_code: str | None
    levels: tuple[int, ...]
    retention: Retention | None
    reckoned: str = "rule"
    slip_cap: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """An award that goes on. renews: how often it is screened anew; until: the fact whose day ends it, or None. conditions: of the rule, by
    the stop that is said when one no longer holds."""

    renews: str
    until: str | None
    stops: tuple[str, ...]
    resumes: tuple[str, ...]
    prorate: str
    conditions: Mapping[str, str] = field(default_factory=dict)

    def condition_of(self, stop: str) -> str | None:
        """The rule's condition that says a stop when it no longer holds, None where none does."""
        return self.conditions.get(stop, PLACE if stop == "moved_away" else None)

    def stop_of(self, lost: Collection[str]) -> str | None:
        """The stop that lost conditions mean, the first that the file lists; None where they mean none."""
        said = (one for one in self.stops if self.condition_of(one) in lost)
        return next(said, "no_longer_eligible" if lost and "no_longer_eligible" in self.stops else None)

    def resumed_by(self, stop: str) -> str | None:
        """What takes the award up again after a stop, None where nothing does: it ended then. A version from before conditions could be
        named takes it up again by whatever it lists."""
        own = RESUMES_OF.get(stop)
        if own in self.resumes:
            return own
        return self.resumes[0] if self.resumes and stop == "no_longer_eligible" and not self._named() else None

    def _named(self) -> bool:
        return all(self.condition_of(one) for one in self.stops if one not in BY_REGISTER)


@dataclass(frozen=True, slots=True)
class Recourse:
    """Whom to turn to, and within how many days or months of the decision being served."""

    label: Label
    within: int
    unit: str


@dataclass(frozen=True, slots=True)
class Objection:
    """How a decision is contested: here, by administrative review, in court; review and court None where they don't apply."""

    term: Term
    review: Recourse | None
    court: Recourse | None
