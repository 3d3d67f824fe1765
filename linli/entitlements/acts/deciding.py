"""The decision: what the rule says on the day, condition by condition, signed by as many officers as the programme asks for."""

from __future__ import annotations

from uuid import UUID

from linli.casework.models import Case, Requirement, StepTaken
from linli.casework.steps import moving
from linli.casework.steps.acts import in_step, not_this_step
from linli.entitlements import letters, registering
from linli.entitlements.awarding import award, settle
from linli.entitlements.models import Application
from linli.entitlements.reckoning import Reckoned, keep, reckon
from linli.entitlements.told import told_of
from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.money import yuan_text
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.procedure.declaration import DECIDES
from linli.trace import Act

OUTCOME_OF = {"decide": ("granted", "refused"), "register": ("registered", "refused"), "forward": ("forwarded",)}
"""What a deciding step can end with, by its kind."""


def decide(viewer: Viewer, case: UUID, outcome: str, words: str = "", *, key: str | None = None) -> Case:
    """Decide an application in its deciding step. The rule is asked anew: granted needs it to be eligible, refused not to be.

    What the rule can't know yet is neither: the facts that are missing have to be given first. Where two officers decide, the first one's
    is a signature and the second's decides. Locks the case. About forty statements.
    """

    def done(a: Act, row: Case, programme: Programme, taken: StepTaken) -> None:
        if taken.kind not in DECIDES:
            raise not_this_step(taken, ", ".join(sorted(DECIDES)))
        _require_outcome(taken, outcome)
        application = Application.objects.select_for_update().select_related("case").get(case=row)
        told = told_of(application, programme)
        reckoned = reckon(programme, application.beneficiary_uid, told)
        if outcome != "forwarded":
            _require_said(reckoned, outcome)
        if outcome != "refused":
            _require_complete(row)
        if outcome == "granted":
            require_amount(reckoned)
        if moving.sign(a, viewer, row, programme, taken, outcome, words):
            _decided(a, viewer, row, application, programme, taken, reckoned, outcome)

    return in_step(viewer, case, "decide", done, key)


def _decided(
    a: Act,
    viewer: Viewer,
    row: Case,
    application: Application,
    programme: Programme,
    taken: StepTaken,
    reckoned: Reckoned,
    outcome: str,
) -> None:
    keep(application, reckoned, clock.today())
    application.save()
    signers = [one["actor"] for one in taken.signatures]
    decision = settle(a, application, programme, reckoned, outcome, signers=signers)
    letters.decision(a, viewer, row, programme, decision, reckoned, application)
    if outcome == "refused":
        moving.leave(a, row, taken, "passed")
        moving.close(a, viewer, row, "refused")
    else:
        if outcome == "registered":
            registering.register(application, programme, told_of(application, programme))
        if outcome == "granted":
            award(a, application, programme, reckoned, last=_is_last(programme, taken))
        moving.go_on(a, viewer, row, programme, taken)


def _is_last(programme: Programme, taken: StepTaken) -> bool:
    return moving.procedure_of(programme).steps[-1].id == taken.step


def _require_outcome(taken: StepTaken, outcome: str) -> None:
    if outcome not in OUTCOME_OF[taken.kind]:
        raise LinliError(
            "entitlements.outcome",
            zh="这一步不能这样决定",
            en="This step can't end so.",
            place=Place(field="outcome"),
            expected=", ".join(OUTCOME_OF[taken.kind]),
            found=outcome,
            remedy_zh="选择列出的结果",
            remedy_en="choose one of them",
        )


def _require_said(reckoned: Reckoned, outcome: str) -> None:
    """Raise LinliError unless the rule's verdict carries the outcome: nobody is refused because something is unknown."""
    wanted = "not_eligible" if outcome == "refused" else "eligible"
    if reckoned.verdict == wanted:
        return
    missing = "、".join(label.zh for _key, label in reckoned.reasons.explanation.missing_labels)
    missing_en = ", ".join(label.en for _key, label in reckoned.reasons.explanation.missing_labels)
    unknown = reckoned.verdict == "unknown"
    raise LinliError(
        "entitlements.unknown" if unknown else "entitlements.against_the_rule",
        zh="还有情况没有查明，不能决定" if unknown else "与政策规则的结论不一致，不能这样决定",
        en="Something isn't known yet: this can't be decided." if unknown else "The rule says otherwise: this can't be decided so.",
        expected=wanted,
        expected_zh="符合全部条件" if wanted == "eligible" else "有条件不符合",
        found=missing_en if unknown else reckoned.verdict,
        found_zh=f"未查明：{missing}" if unknown else ("符合条件" if reckoned.verdict == "eligible" else "不符合条件"),
        remedy_zh="请申请人补充，或先更正名单中的信息" if unknown else "信息有误的，先更正名单；再作决定",
        remedy_en="have it given, or correct the register first" if unknown else "where a fact is wrong correct it first, then decide",
    )


def require_amount(reckoned: Reckoned) -> None:
    """Raise LinliError where the rule reckons nothing, or less: an amount that isn't above nothing is no benefit to grant."""
    if reckoned.amount_fen is None or reckoned.amount_fen > 0:
        return
    fen = yuan_text(reckoned.amount_fen)
    raise LinliError(
        "entitlements.nothing_to_pay",
        zh="按规则算出的金额不大于零，不能给予",
        en="What the rule reckons is nothing or less: it can't be granted.",
        expected="> 0.00 yuan",
        expected_zh="大于 0.00 元",
        found=f"{fen} yuan",
        found_zh=f"{fen} 元",
        remedy_zh="信息有误的，先更正名单；规则有误的，请政策主管部门改正后发布新的版本",
        remedy_en="correct the register where a fact is wrong; where the rule is, its owner publishes a corrected version",
    )


def _require_complete(row: Case) -> None:
    missing = list(Requirement.objects.filter(case=row, state__in=("wanted", "refused")).values_list("material", flat=True))
    if missing:
        raise LinliError(
            "entitlements.incomplete",
            zh="还有材料没有交齐",
            en="Something is still to be given.",
            expected="every material given, exempt or promised",
            expected_zh="每份材料已交、免交或承诺",
            found=", ".join(missing),
            remedy_zh="等待补正，或一次性告知补正",
            remedy_en="wait for it, or ask for it",
        )
