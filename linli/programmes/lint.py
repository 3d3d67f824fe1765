"""What speaks against publishing a programme, and what a reader should know of it. Every finding has a place and a remedy."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from linli.kernel.errors import LinliError
from linli.kernel.money import yuan_text
from linli.programmes import unusual
from linli.programmes.amounts import paid_amounts, rule_amounts
from linli.programmes.catalogue import Catalogue, City
from linli.programmes.declaration import NEVER, Programme
from linli.programmes.files import FOLDER
from linli.programmes.finding import Finding, finding
from linli.programmes.naming import PUBLISHED
from linli.programmes.stopping import unsaid
from linli.registers.lists import load_lists
from linli.rules import tree

PROTECTED = {
    "hukou_type": ("户口性质", "hukou type"),
    "sex": ("性别", "sex"),
    "birth_date": ("年龄", "age"),
}
AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a programme may name: the city's departments, its register lists and its programmes, by slug; the facts that each list gives;
    the names that programmes go by, in Chinese."""

    city: City
    lists: Collection[str]
    programmes: Collection[str]
    given: Mapping[str, Collection[str]] = dataclasses.field(default_factory=dict)
    called: Mapping[str, str] = dataclasses.field(default_factory=dict)


def surroundings(catalogue: Catalogue) -> Surroundings:
    """Those of a city folder; a programme whose file has faults is there all the same."""
    folders = {file.parent.name for file in (catalogue.path / FOLDER).glob("*/programme*.yaml")}
    lists = load_lists(catalogue.path)
    given = {slug: frozenset(one.facts) for slug, one in lists.items()}
    called = {slug: versions[-1].label.zh for slug, versions in catalogue.versions.items()}
    written_here = {slug: label.zh for slug, label in PUBLISHED.items()}
    return Surroundings(catalogue.city, frozenset(lists), folders | set(catalogue.slugs), given, {**written_here, **called})


def lint(programme: Programme, around: Surroundings, others: Collection[Programme] = ()) -> list[Finding]:
    """Every finding about one version. others: the other versions of the same programme. Pure: reads nothing, runs no rule."""
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        lambda: _empty(programme),
        lambda: _legal_basis(programme),
        lambda: _reading(programme),
        lambda: _discrimination(programme),
        lambda: _dates(programme),
        lambda: _overlaps(programme, others),
        lambda: _names(programme, around),
        lambda: _force(programme),
        lambda: unusual.ages(programme),
        lambda: _nothing_paid(programme),
        lambda: _paid_levels(programme),
        lambda: _of_people_alone(programme),
        lambda: _particulars(programme, around),
        lambda: _stops(programme),
        lambda: unusual.names_and_days(programme, around.called),
        lambda: unusual.figures_and_sources(programme, others),
    )
    return [finding for check in checks for finding in check()]


def _empty(programme: Programme) -> Iterator[Finding]:
    for field in programme.open_fields:
        if field.blocking:
            yield finding(
                programme,
                "empty_parameter",
                field.path,
                (f"“{field.label.zh}”没有数值，不能发布", f"“{field.label.en}” has no figure, so it can't be published."),
                ("由主管部门填写数值、起始日期和依据", "the owner fills in the figure, its first day and its source"),
            )
        else:
            yield finding(
                programme,
                "open_field",
                field.path,
                (f"“{field.label.zh}”尚待填写", f"“{field.label.en}” is still open."),
                ("由主管部门填写", "the owner fills it in"),
                blocks=False,
            )


def _legal_basis(programme: Programme) -> Iterator[Finding]:
    if programme.requires_legal_basis and not programme.legal_basis:
        yield finding(
            programme,
            "no_legal_basis",
            "legal_basis",
            ("没有设定依据，不能发布", "It has no legal basis, so it can't be published."),
            ("补上法律或文件依据", "name the law or document it rests on"),
        )
    if programme.demonstration is not None:
        yield finding(
            programme,
            "demonstration_figures",
            "demonstration",
            (f"含演示数值：{programme.demonstration.zh}", f"It has stand-in figures: {programme.demonstration.en}"),
            ("正式发布前换成公布的数值", "replace them by the published figures before real use"),
            blocks=False,
        )


def _reading(programme: Programme) -> Iterator[Finding]:
    if programme.reading is not None:
        question = programme.reading.question
        yield finding(
            programme,
            "reading",
            "reading",
            (
                f"来源有不同读法，发布前须由主管部门确认：{question.zh}",
                f"The source can be read in several ways; the owner confirms one: {question.en}",
            ),
            (
                f"主管部门核对 linli programme words {programme.slug} 后确认",
                f"the owner reads `linli programme words {programme.slug}` and confirms",
            ),
            blocks=False,
        )


def _discrimination(programme: Programme) -> Iterator[Finding]:
    """Employment Promotion Law: no distinction by sex or origin in chances of work without a ground in law."""
    if not programme.employment:
        return
    supported = {condition for basis in programme.legal_basis for condition in basis.supports}
    for identity, node, field in _expressions(programme):
        used = {part.name for part in tree.walk(node) if isinstance(part, tree.FactOf)}
        for fact in sorted(used & PROTECTED.keys()):
            if identity not in supported:
                zh, en = PROTECTED[fact]
                yield finding(
                    programme,
                    "discrimination",
                    field,
                    (
                        f"就业类事项的条件“{identity}”使用了{zh}而没有法律依据",
                        f"Condition {identity} of an employment programme uses {en} without a legal basis.",
                    ),
                    (
                        f"删除{zh}，或在 legal_basis 中列出依据并写明 supports: [{identity}]",
                        f"leave {en} out, or name its basis under legal_basis with supports: [{identity}]",
                    ),
                    expected=("没有 `hukou_type`、`sex`、`birth_date`", "no hukou_type, sex or birth_date"),
                    found=fact,
                )


def _expressions(programme: Programme) -> Iterator[tuple[str, tree.Node, str]]:
    """What decides, with its id and place: the conditions, the amount, and which files are looked at more closely than others."""
    for condition in programme.rule.conditions:
        yield condition.id, condition.node, f"rule.conditions.{condition.id}"
    if programme.rule.amount is not None:
        yield AMOUNT, programme.rule.amount, f"rule.conditions.{AMOUNT}"
    key = programme.verification.key if programme.verification is not None else None
    for condition in key.conditions if key is not None else ():
        yield f"verification.key.{condition.id}", condition.node, f"verification.key.{condition.id}"


def _dates(programme: Programme) -> Iterator[Finding]:
    if not programme.is_retroactive:
        return
    issued = programme.issued_on.isoformat()[: {"year": 4, "month": 7, "day": 10}[programme.issued_precision]]
    if programme.retroactive is None:
        yield finding(
            programme,
            "retroactive",
            "effective_from",
            ("生效早于印发而没有说明理由", "It applies from before it was issued and doesn't say why."),
            ("用 retroactive 写明理由", "give the reason under retroactive"),
            expected=f"≥ {issued}",
            found=str(programme.effective_from),
        )
    else:
        yield finding(
            programme,
            "retroactive",
            "effective_from",
            (
                f"溯及既往：{issued} 印发，{programme.effective_from} 起适用",
                f"Retroactive: issued {issued}, applies from {programme.effective_from}.",
            ),
            ("核对理由", "check the reason given"),
            blocks=False,
        )


def _overlaps(programme: Programme, others: Iterable[Programme]) -> Iterator[Finding]:
    """An open end is closed by the next version's first day; a stated last day must not reach into another version."""
    for other in others:
        if other.version == programme.version:
            continue
        first, second = sorted((programme, other), key=lambda one: one.effective_from)
        same_day = first.effective_from == second.effective_from
        if same_day or (first.effective_to is not None and first.effective_to >= second.effective_from):
            yield finding(
                programme,
                "overlap",
                "effective_to",
                (f"与版本 {other.version} 的适用期间重叠", f"Its days overlap those of version {other.version}."),
                ("改正起止日期，一天只能有一个版本适用", "correct the days: only one version applies on a day"),
                expected=f"{first.version} < {second.effective_from}",
                found=str(first.effective_to or first.effective_from),
            )


def _names(programme: Programme, around: Surroundings) -> Iterator[Finding]:
    city, lists = around.city, around.lists
    for field, body in _bodies(programme):
        if body not in city.bodies:
            yield finding(
                programme,
                "unknown_body",
                field,
                ("城市文件里没有这个部门", "city.yaml has no such department."),
                ("在 city.yaml 的 bodies 中登记，或改正", "add it to bodies in city.yaml, or correct it"),
                expected=", ".join(sorted(city.bodies)),
                found=body,
            )
    for material in programme.materials:
        if material.list is not None and material.list not in lists:
            yield finding(
                programme,
                "unknown_list",
                f"materials.{material.id}.list",
                ("没有这个名单", "There is no such register list."),
                ("改正名单代号", "correct the list's slug"),
                expected=", ".join(sorted(lists)),
                found=material.list,
            )
    if not programme.place.area.startswith(city.area):
        yield finding(
            programme,
            "outside_city",
            "place.area",
            ("地域不在本市之内", "The area does not lie in the city."),
            ("改正区划代码", "correct the code"),
            expected=f"{city.area}…",
            found=programme.place.area,
        )

    for slug in sorted(programme.rule.holdings_used - {programme.slug} - set(around.programmes)):
        yield finding(
            programme,
            "unknown_programme",
            "rule",
            ("规则提到的事项不存在", "The rule asks for a programme that doesn't exist."),
            ("改正 holds('…') 中的事项代号", "correct the slug in holds('…')"),
            expected=", ".join(sorted(around.programmes)),
            found=slug,
        )


def _bodies(programme: Programme) -> Iterator[tuple[str, str]]:
    """Every department named, with its place: the item's own, then those that only a step names."""
    named = (programme.item.body, *programme.item.joint_bodies)
    yield from (("item.body", body) for body in named)
    if programme.particulars.forward_to is not None:
        yield "forward_to.body", programme.particulars.forward_to.body
    for step in programme.procedure.steps if programme.procedure is not None else ():
        key = "bodies" if step.kind == "sign" else "body"
        yield from ((f"procedure.steps.{step.id}.{key}", body) for body in step.bodies if body not in named)


def _nothing_paid(programme: Programme) -> Iterator[Finding]:
    """A rule that comes to no amount above nothing for anybody pays nobody: every decision to grant would be refused."""
    if programme.payment is None or programme.rule.amount is None or programme.empty_parameters:
        return
    known = rule_amounts(programme)
    if known is not None and not any(amount > 0 for amount in known):
        yield finding(
            programme,
            "pays_nothing",
            f"rule.{AMOUNT}",
            ("规则算出的金额都不大于零，谁也领不到", "Every amount that the rule comes to is nothing or less: nobody could be paid."),
            ("改正规则的金额或标准；不发钱的，删去 payment", "correct the rule's amount or figures; if nothing is paid take payment out"),
            expected="> 0.00 yuan",
            found=_in_yuan(known or [Fraction(0)]),
        )


def _paid_levels(programme: Programme) -> Iterator[Finding]:
    """The amounts that may be paid are those that the rule comes to, as far as it knows them beforehand."""
    payment = programme.payment
    if payment is None or not payment.levels or programme.empty_parameters:
        return
    known = paid_amounts(programme)
    if known is not None and known != set(payment.levels):
        yield finding(
            programme,
            "levels_differ",
            "payment.levels",
            ("发放档次与规则算出的金额不一致", "The amounts that may be paid are not those that the rule comes to."),
            ("改正 levels，或改正规则的标准", "correct levels, or the rule's figures"),
            expected=_in_yuan(known),
            found=_in_yuan(payment.levels),
        )


def _of_people_alone(programme: Programme) -> Iterator[Finding]:
    """What is reckoned from facts of days or of a loan, or ends by a fact, is reckoned of people: anybody else would be granted what can't
    be paid, or what never ends."""
    if programme.subject == "person":
        return
    payment, standing = programme.payment, programme.standing
    for said, field, zh, en, remedy in (
        (
            payment is not None and payment.reckoned == "days",
            "payment.reckoned",
            "按天计算",
            "reckoning by the day",
            ("改用 rule；不足一期的可写 prorate: day", "say rule; for a broken cycle there is prorate: day"),
        ),
        (
            programme.particulars.loan is not None,
            "loan",
            "贷款贴息",
            "reckoning from a loan",
            ("删去 loan；按利息单发放的改用 slips", "take loan out; what is paid by interest slips says slips"),
        ),
        (
            standing is not None and standing.until is not None,
            "standing.until",
            "按某项信息的日期终止",
            "an end by a fact",
            ("改为 null，由复核或停发情形终止", "say null: it ends when it is screened anew, or by its stops"),
        ),
    ):
        if said:
            words = f"{zh}目前只能用于个人", f"Only what people get goes by {en}."
            yield finding(programme, "of_people_alone", field, words, remedy, expected="subject: person", found=programme.subject)


def _stops(programme: Programme) -> Iterator[Finding]:
    for one in unsaid(programme):
        yield finding(programme, one.code, one.field, one.words, one.remedy, expected=one.expected, found=one.found)


def _particulars(programme: Programme, around: Surroundings) -> Iterator[Finding]:
    """A registration writes facts of the list that it names, and weights have a value on the first day."""
    registers, scores = programme.particulars.registers, programme.particulars.scores
    if registers is not None and registers.list not in around.lists:
        yield finding(
            programme,
            "unknown_list",
            "registers.list",
            ("没有这个名单", "There is no such register list."),
            ("改正名单代号", "correct the list's slug"),
            expected=", ".join(sorted(around.lists)),
            found=registers.list,
        )
    for fact in registers.facts if registers is not None else ():
        given = around.given.get(registers.list) if registers is not None else None
        if given is not None and fact not in given:
            yield finding(
                programme,
                "unknown_fact",
                "registers.facts",
                ("登记所写的名单没有这项信息", "The list that the registration writes has no such fact."),
                ("改正信息名，或在名单中声明", "correct the fact's name, or declare it in the list"),
                expected=", ".join(sorted(given)),
                found=fact,
            )
    parameters = programme.rule.declarations.parameters
    for criterion in scores.criteria if scores is not None else ():
        weight = parameters.get(criterion.weight)
        first = [period.first for period in weight.dated.periods if period.first != NEVER] if weight is not None else []
        if first and weight is not None and weight.dated.on(programme.effective_from) is None:
            yield finding(
                programme,
                "no_value_on_first_day",
                f"scores.criteria.{criterion.id}",
                ("起始日没有权重", "The weight has no value on the first day."),
                ("补上取值，或推迟起始日", "add the value, or begin later"),
                expected=f"≤ {programme.effective_from}",
                found=str(min(first)),
            )


def _in_yuan(amounts: Iterable[Fraction | int]) -> str:
    return ", ".join(f"{yuan_text(round(amount))} yuan" for amount in sorted(amounts))


def _force(programme: Programme) -> Iterator[Finding]:
    """A figure must have a value from the version's first day on."""
    if programme.empty_parameters:
        return
    try:
        programme.rule.check_in_force(programme.effective_from)
    except LinliError as error:
        yield finding(
            programme,
            "no_value_on_first_day",
            "effective_from",
            (f"起始日没有取值：{error.zh}", f"A figure has no value on the first day: {error.en}"),
            ("补上取值，或推迟起始日", "add the value, or begin later"),
        )
