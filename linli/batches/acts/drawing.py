"""Freezing a list and its public draw: two departments commit, the list is closed and its digest published, both reveal, the draw is made.

The draw itself is linli.sampling's; here its stages become rows and facts. The digest that is published stands in the trace.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from fractions import Fraction
from uuid import UUID

from linli.batches import carried, checks, facts, queries
from linli.batches.acts import excluding
from linli.batches.acts.gathering import about, count_anew, mine
from linli.batches.keychecks import reasons_of
from linli.batches.models import Batch, Draw, Secret
from linli.batches.openness import random_check
from linli.batches.refusals import refused, require_nobody_near, require_other
from linli.batches.reviewers import LABEL as UPPER
from linli.batches.reviewers import level_of, review_of, unit_of
from linli.casework.workplaces import body_of
from linli.kernel import clock
from linli.kernel.clock import SHANGHAI
from linli.kernel.digests import algorithm_of, default_algorithm
from linli.kernel.documents import tidy_line
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.rules import Rule
from linli.sampling import (
    Balls,
    Commitment,
    CrossReview,
    Item,
    Outcome,
    Plan,
    PublicDraw,
    Reveal,
    Size,
    Words,
    finish,
    freeze,
    next_rate,
    read_draw,
    reveal,
    write_draw,
)
from linli.sampling import Draw as DrawFile
from linli.sampling.forms import Raised, Replaced, whole
from linli.trace import act

CODE_LENGTH = 40


def needs_draw(programme: Programme, batch: Batch) -> bool:
    """Whether something of the checks is left to chance: a random sample, or who reviews whom. At most two queries."""
    return random_check(programme, batch.given) is not None or review_of(batch, programme) is not None


def open_draw(viewer: Viewer, *, batch: UUID, reveal_by: datetime, public_draw: PublicDraw | None = None) -> Draw:
    """Prepare the draw of a batch that needs one. reveal_by: the last moment for secrets; public_draw: one that stands for a secret.

    After a draw that is void the new one names it, with the reason. Locks the batch.
    """
    with act(viewer) as current:
        row = mine(viewer, batch, "gathering", "frozen")
        if not needs_draw(queries.programme_of(row), row):
            said = ("这个批次不需要抽取", "Nothing of this batch is drawn.")
            raise refused("no_draw_needed", said, ("直接冻结名单", "freeze the list"))
        if row.draws.exclude(state="void").exists():
            raise refused("draw_open", ("已有一次抽取", "There is a draw already."), ("继续办理这次抽取", "go on with that one"))
        if reveal_by <= clock.now():
            raise refused(
                "reveal_by",
                ("公布秘密的期限应在今后", "The last moment for secrets lies in the future."),
                ("改期限", "move it"),
                field="reveal_by",
            )
        before = row.draws.order_by("-id").first() or _before(row)
        draw = Draw.objects.create(
            batch=row,
            code=f"{row.programme[:CODE_LENGTH].rstrip('-')}.{row.period}.{row.pk}.{row.draws.count() + 1}",
            public_draw=public_draw.document() if public_draw else None,
            reveal_by=reveal_by,
            replaces=before,
            opened_at=clock.now(),
        )
        payload = {"draw": draw.code, "replaces": before.code if before else None}
        current.record(facts.DRAW_OPENED, subject=str(draw), payload=payload, rows=[draw], also=[str(row)])
    return draw


def _before(row: Batch) -> Draw | None:
    """The draw of a list of the same programme and period that was dissolved after it was frozen, if no other names it yet: the newest."""
    void = Draw.objects.filter(batch__programme=row.programme, batch__period=row.period, batch__state="dissolved", state="void")
    found = void.filter(replaced_by=None).exclude(document="").select_related("batch").order_by("-id")
    return next((one for one in found if _overlap(one.batch.area_code, row.area_code)), None)


def _overlap(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def commit(viewer: Viewer, *, draw: UUID, department: str, salt: str, length: int, digest: str) -> Secret:
    """Publish the commitment of the viewer's own department, as `linli draw commit` printed it for that: department is its key in
    city.yaml. Each department's comes from another officer.

    Refused once the list is frozen. Locks the draw.
    """
    with act(viewer) as current:
        found = locked(viewer, draw, "committing")
        require_other(
            viewer.actor,
            tuple(found.secrets.values_list("committed_by", flat=True)),
            ("另一个部门的承诺", "The other department's commitment"),
        )
        _require_own(viewer, department.strip())
        promise = Commitment(department.strip(), _hexadecimal(salt, "salt"), length, digest.strip().lower(), clock.now())
        _check_commitment(found, promise)
        row = Secret.objects.create(
            draw=found,
            department=promise.department,
            commitment_salt=promise.salt.hex(),
            length=promise.length,
            digest=promise.digest,
            committed_at=promise.at,
            committed_by=viewer.actor,
        )
        payload = {"draw": found.code, "department": row.department, "digest": row.digest}
        current.record(facts.COMMITTED, subject=str(found), payload=payload, rows=[row], also=[str(found.batch)])
    return row


def _require_own(viewer: Viewer, department: str) -> None:
    """A commitment is made in the name of the officer's own department. One query."""
    own = body_of(viewer)
    if own is None:
        raise refused(
            "no_department",
            ("没有登记您在哪个部门工作，不能代表部门公布承诺", "No department is on record for you: you can't commit in the name of one."),
            ("请系统管理员在工作人员页面登记您所在的部门", "ask an administrator to enter your department on the page of your account"),
            field="department",
            expected=("工作人员所在的部门", "the department that the officer works in"),
            found=department[:64],
        )
    if own != department:
        raise refused(
            "other_department",
            ("只能以本部门的名义公布承诺", "A commitment is made in the name of one's own department."),
            (f"用 linli draw commit 为 {own} 重新生成", f"make it anew with linli draw commit for {own}"),
            field="department",
            expected=own,
            found=department[:64],
        )


def _hexadecimal(text: str, field: str) -> bytes:
    try:
        return bytes.fromhex(text.strip())
    except ValueError:
        said = ("不是十六进制数", "This isn't hexadecimal.")
        raise refused(
            "not_hexadecimal", said, ("照 linli draw commit 的输出填写", "copy what linli draw commit printed"), field=field
        ) from None


def _check_commitment(draw: Draw, promise: Commitment) -> None:
    """What can be said of a commitment before the list is there; the rest is said when it is frozen."""
    if draw.secrets.filter(department__iexact=promise.department).exists():
        said = ("这个部门已经公布过承诺", "This department has published a commitment already.")
        raise refused(
            "department_twice", said, ("请另一个部门公布", "ask another department"), field="department", found=promise.department
        )
    shape = promise.digest.partition(":")
    if shape[0] not in ("sha256", "sm3") or len(shape[2]) != 64 or not set(shape[2]) <= set("0123456789abcdef"):
        said = ("承诺的摘要写法不对", "This isn't the digest of a commitment.")
        raise refused("digest", said, ("照 linli draw commit 的输出填写", "copy what linli draw commit printed"), field="digest")


def freeze_list(viewer: Viewer, *, batch: UUID) -> Batch:
    """Close the list: from now on nothing is added. Where something is drawn its digest is published at once; else the checks begin.

    What is frozen by an officer, near to nobody on it, is approved by another. Raises LinliError for an empty list, and for whatever would
    let somebody steer the draw. Locks the batch; about 0.05 ms an item.
    """
    with act(viewer) as current:
        row = mine(viewer, batch, "gathering")
        require_nobody_near(viewer.actor, row)
        programme = queries.programme_of(row)
        count_anew(row)
        if not row.count:
            said = ("名单是空的，不能冻结", "The list is empty: there is nothing to freeze.")
            raise refused("empty", said, ("先收录待发放的待遇", "gather awards first"))
        row.frozen_at, row.frozen_by = clock.now(), viewer.actor
        drawn = needs_draw(programme, row)
        row.state = "frozen" if drawn else "checking"
        row.save(update_fields=["state", "frozen_at", "frozen_by"])
        published = _publish(row, programme) if drawn else None
        payload = {**about(row), "count": row.count, "total_fen": row.total_fen, "draw": published.code if published else None}
        current.record(facts.FROZEN, subject=str(row), payload=payload, area=row.area_code, rows=[row])
        if published:
            payload = {"draw": published.code, "digest": published.digest, "items": row.count}
            current.record(facts.LIST_PUBLISHED, subject=str(published), payload=payload, rows=[published], also=[str(row)])
        else:
            checks.assign(viewer, row, programme, None)
        excluding.look(viewer, batch=row.uid)
    return row


def publish_again(viewer: Viewer, *, batch: UUID) -> Draw:
    """After a void draw: the same list, frozen once more under the new draw's commitments. Locks the batch."""
    with act(viewer) as current:
        row = mine(viewer, batch, "frozen")
        published = _publish(row, queries.programme_of(row))
        payload = {"draw": published.code, "digest": published.digest, "items": row.count or 0}
        current.record(facts.LIST_PUBLISHED, subject=str(published), payload=payload, rows=[published], also=[str(row)])
    return published


def _publish(row: Batch, programme: Programme) -> Draw:
    draw = row.draws.select_for_update().filter(state="committing").first()
    if draw is None:
        said = ("这个批次要公开抽取，两个部门应先公布承诺", "This batch is drawn in public: two departments commit to secrets first.")
        raise refused("no_draw", said, ("先准备抽取", "prepare the draw"))
    now = clock.now()
    _require_later(now, draw.secrets.order_by("-committed_at").values_list("committed_at", flat=True).first())
    review = review_of(row, programme)
    frozen = freeze(_plan(row, draw, programme, review), _items(row, programme, review), at=now)
    draw.state, draw.frozen_at, draw.digest = "frozen", frozen.at, frozen.digest
    draw.document = write_draw(DrawFile(frozen)).decode()
    draw.save(update_fields=["state", "frozen_at", "digest", "document"])
    return draw


def _require_later(now: datetime, before: datetime | None) -> None:
    """A draw's file tells its order by whole seconds: in the second of the step before, the next one waits for the second to pass."""
    if before is not None and whole(now) == whole(before):
        raise refused(
            "same_second",
            ("上一步刚刚办完，这一步要晚一秒", "The step before was done this very second: this one comes a second later."),
            ("请过一秒再提交，不需要作废抽取", "wait a second and send it again; the draw stands"),
        )


def _items(row: Batch, programme: Programme, review: CrossReview | None) -> Iterator[Item]:
    chance = random_check(programme, row.given)
    cross = level_of(programme) if review else None
    stratum = chance.strata if chance else "county"
    listed = queries.listed(row).iterator(chunk_size=2000)
    for item, reasons in reasons_of(row, programme, listed, clock.today()):
        reviewed = unit_of(item.area_code, cross) if cross else None
        yield Item(str(item.uid), unit_of(item.area_code, stratum), reviewed, reasons)


def _plan(row: Batch, draw: Draw, programme: Programme, review: CrossReview | None) -> Plan:
    secrets = list(draw.secrets.order_by("department"))
    used = {algorithm_of(one.digest) for one in secrets}
    if len(used) > 1:
        said = ("两个部门的承诺用了不同的摘要算法", "The departments' commitments use different algorithms.")
        raise refused("algorithms", said, ("请一个部门用相同的算法重新承诺", "have one of them commit anew with the other's"))
    verification = programme.verification
    assert verification is not None
    chance = random_check(programme, row.given)
    level = chance.strata if chance else "county"
    strata = {unit_of(code, level) for code in queries.listed(row).order_by().values_list("area_code", flat=True).distinct()}
    key = verification.key
    return Plan(
        draw=draw.code,
        title=_title(programme, row, review),
        algorithm=used.pop() if used else default_algorithm(),
        commitments=tuple(
            Commitment(one.department, bytes.fromhex(one.commitment_salt), one.length, one.digest, one.committed_at) for one in secrets
        ),
        reveal_by=draw.reveal_by,
        strata={code: _size(row, chance.rate if chance else None, code, programme) for code in sorted(strata)},
        conditions=_conditions(key, row),
        public_draw=public_draw_of(draw),
        cross_review=review,
        replaces=Replaced(draw.replaces.code, Words(draw.replaces.reason, draw.replaces.reason)) if draw.replaces else None,
    )


def _title(programme: Programme, row: Batch, review: CrossReview | None) -> Words:
    """What is drawn, and that the level above reviews it where the units can't."""
    label, above = programme.label, level_of(programme) is not None and review is None
    zh, en = (f"；{UPPER.zh}", f"; {UPPER.en}") if above else ("", "")
    return Words(f"{label.zh}（{row.period}）核查抽取{zh}", f"{label.en} ({row.period}): files to be checked{en}")


def _conditions(key: Rule | None, row: Batch) -> dict[str, Words]:
    """What draws an item in any case, in words."""
    told = {one.id: one.label for one in key.conditions} if key else {}
    if carried.carried(row):
        told[carried.CODE] = carried.LABEL
    return {code: Words(label.zh, label.en) for code, label in told.items()}


def _size(row: Batch, rate: Fraction | None, stratum: str, programme: Programme) -> Size:
    """The rate of a stratum: the programme's, or what findings in its latest batch have raised it to."""
    if rate is None:
        return Size(count=0)
    schedule = programme.verification.random.raises if programme.verification and programme.verification.random else ()
    before = checks.latest_rate(row, stratum)
    if before is None or not schedule:
        return Size(rate=rate)
    rate_before, found = max(before[0], rate), before[1]
    due = next_rate(rate_before, found, schedule)
    return Size(rate=due, raised=Raised(rate_before, found, schedule)) if due != rate_before else Size(rate=rate_before)


def public_draw_of(draw: Draw) -> PublicDraw | None:
    """The public draw that a draw names."""
    told = draw.public_draw
    if told is None:
        return None
    groups = tuple(Balls(one["numbers"], one["low"], one["high"], one["distinct"]) for one in told["groups"])
    return PublicDraw(Words(told["name"]["zh"], told["name"]["en"]), date.fromisoformat(told["on"]), groups)


def reveal_secret(viewer: Viewer, *, draw: UUID, department: str, secret: str) -> Draw:
    """Publish a department's secret; once all are there, and no public draw is waited for, the draw is made and the checks assigned.

    Refused where it isn't what was committed to, too early or too late. Locks the batch and the draw.
    """
    with act(viewer) as current:
        found = locked(viewer, draw, "frozen")
        row = found.secrets.select_for_update().filter(department=department).first()
        if row is None or row.secret:
            said = ("这个部门没有待公布的秘密", "This department has no secret to reveal.")
            raise refused("no_secret", said, ("核对部门", "look at the department"), field="department", found=department[:64])
        _require_later(clock.now(), found.frozen_at)
        file = read_draw(found.document.encode())
        file = _revealed(found, file, Reveal(department, _hexadecimal(secret, "secret"), clock.now()))
        row.secret, row.revealed_at, row.revealed_by = secret.strip().lower(), clock.now(), viewer.actor
        row.save(update_fields=["secret", "revealed_at", "revealed_by"])
        found.document = write_draw(file).decode()
        found.save(update_fields=["document"])
        payload = {"draw": found.code, "department": department}
        current.record(facts.REVEALED, subject=str(found), payload=payload, rows=[row, found], also=[str(found.batch)])
        if found.public_draw is None and not found.secrets.filter(secret="").exists():
            make_draw(viewer, found, file, None)
    return found


def _revealed(draw: Draw, file: DrawFile, told: Reveal) -> DrawFile:
    """The file with a secret. Where two departments kept the same one the draw is of no use: the refusal says who may break it off."""
    try:
        return reveal(file, told)
    except LinliError as why:
        if why.code == "sampling.same_secret":
            until = f"{draw.reveal_by.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
            why.remedy_zh = (
                "这次抽取要作废后另立：由没有参与的经办人员（没有建批次、锁定名单、交承诺、公布秘密）在抽取的页面办理；"
                f"{until} 公布期限过后，任何经办人员都可以作废"
            )
            why.remedy_en = (
                "this draw has to be made void and another begun: by an officer who had no part in it (who neither opened nor froze the"
                f" list, nor committed or revealed a secret), on the draw's page; after {until}, by any officer"
            )
        raise


def make_draw(viewer: Viewer, found: Draw, file: DrawFile, outcome: Outcome | None) -> None:
    """Compute the draw of a locked one whose secrets, and public draw, are there, and assign its checks."""
    done = finish(file, outcome)
    assert done.result is not None
    found.state, found.drawn_at, found.document = "drawn", clock.now(), write_draw(done).decode()
    found.save(update_fields=["state", "drawn_at", "document"])
    batch = found.batch
    batch.state = "checking"
    batch.save(update_fields=["state"])
    with act(viewer) as current:
        drawn = len(done.result.by_condition) + sum(map(len, done.result.drawn.values()))
        payload = {"draw": found.code, "seed": done.result.seed, "drawn": drawn}
        current.record(facts.DRAWN, subject=str(found), payload=payload, rows=[found, batch], also=[str(batch)])
    checks.assign(viewer, batch, queries.programme_of(batch), done)


def break_off(viewer: Viewer, *, draw: UUID, reason: str) -> Draw:
    """Declare a draw void, with the reason: a secret that was not revealed in time, a commitment that was wrong. The next one names it.

    Once something is told of the draw (carried.told_at) only after the last moment for secrets, or by somebody who had no part in it; and
    the whole list is then looked at (carried.carried).
    """
    told = tidy_line(reason)
    if not told or len(told) > 200:
        raise refused(
            "reason",
            ("请写明作废原因（200 字以内）", "Say why it is void, in 200 characters."),
            ("填写原因", "write the reason"),
            field="reason",
        )
    with act(viewer) as current:
        found = locked(viewer, draw, "committing", "frozen")
        _refuse_to_choose(viewer, found)
        found.state, found.reason = "void", told
        found.save(update_fields=["state", "reason"])
        current.record(
            facts.DRAW_VOID, subject=str(found), payload={"draw": found.code, "reason": told}, rows=[found], also=[str(found.batch)]
        )
    return found


def _refuse_to_choose(viewer: Viewer, draw: Draw) -> None:
    if carried.told_at(draw) is None or clock.now() > draw.reveal_by:
        return
    rows = draw.secrets.values_list("committed_by", "revealed_by")
    parts = {one for row in rows for one in row if one} | {draw.batch.opened_by, draw.batch.frozen_by}
    require_other(viewer.actor, tuple(parts), ("秘密已公布的抽取的作废", "Breaking off a draw of which a secret is published"))


def locked(viewer: Viewer, uid: UUID, *states: str) -> Draw:
    """A draw in one of the states, with its batch, both locked, of an officer who may change it."""
    batch = Draw.objects.filter(uid=uid).values_list("batch__uid", flat=True).first()
    if batch is None:
        raise refused("no_draw", ("没有这次抽取", "There is no such draw."), ("从批次页面进入", "open it from the batch's page"))
    row = mine(viewer, batch, "gathering", "frozen")
    found = Draw.objects.select_for_update().get(uid=uid)
    found.batch = row
    if found.state not in states:
        raise refused(
            "draw_state",
            ("这次抽取已不在这一步", "The draw isn't at this step any more."),
            ("刷新页面", "load the page again"),
            found=found.state,
        )
    return found
