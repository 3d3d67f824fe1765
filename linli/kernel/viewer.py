"""Who is looking or acting, and what they may see. Queries filter by it; acts are recorded under it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from linli.kernel.areas import contains
from linli.kernel.errors import Refused

Role = Literal["officer", "clerk", "steward", "auditor", "planner", "administrator", "security"]
LEVELS = ("", "phone", "card", "city")
LEVEL_WORDS = {
    "phone": ("手机号", "a telephone code"),
    "card": ("身份证", "an identity card"),
    "city": ("统一身份认证", "the city's identity service"),
}


@dataclass(frozen=True, slots=True)
class Grant:
    """A role over an area subtree ("" is the whole city's database) and a programme slug ("" is every programme)."""

    role: str
    area: str = ""
    programme: str = ""


@dataclass(frozen=True, slots=True)
class Viewer:
    """actor: opaque id recorded on facts ("staff:<uuid>", "resident:<uuid>", "system:<name>", "public").

    subject: uid of the resident who looks, "" for staff. acts_for: uids of residents for whom a mandate in force lets the viewer
    act. level: how the resident is known: "phone", "card" (checked at a window) or "city" (the city's identity service).
    """

    actor: str
    grants: tuple[Grant, ...] = ()
    all_seeing: bool = False
    subject: str = ""
    acts_for: tuple[str, ...] = ()
    level: str = ""

    def is_self(self, uid: UUID | str) -> bool:
        """Whether the viewer is this resident."""
        return bool(self.subject) and self.subject == str(uid)

    def acts_for_resident(self, uid: UUID | str) -> bool:
        """Whether the viewer is this resident or may act for them under a mandate in force."""
        return self.is_self(uid) or str(uid) in self.acts_for

    def reaches(self, level: str) -> bool:
        """Whether a resident is known by this or more. Staff are known by their grants, not by a level."""
        return not self.subject or LEVELS.index(self.level) >= LEVELS.index(level)

    def require_level(self, level: str) -> None:
        """Raise Refused where a resident is known by less than this."""
        if not self.reaches(level):
            zh, en = LEVEL_WORDS[level]
            raise Refused(
                "viewer.level_too_low",
                zh=f"办理此事需要先核验{zh}",
                en=f"This needs {en} to be checked first.",
                expected=level,
                found=self.level or "no level",
                found_zh=self.level or "未核验",
                remedy_zh="请带本人身份证到任一便民服务窗口核验一次",
                remedy_en="bring your identity card to any service window once",
            )

    def may(self, role: str, *, area: str = "", programme: str = "") -> bool:
        """Whether one grant covers the role in that area and programme. An empty argument asks for the whole of it."""
        return self.all_seeing or any(
            grant.role == role and contains(grant.area, area) and grant.programme in ("", programme) for grant in self.grants
        )

    @property
    def roles(self) -> frozenset[str]:
        """Every role held anywhere, for a menu to choose its entries by; what may be done is asked of may()."""
        return frozenset(grant.role for grant in self.grants)

    def areas(self, role: str, programme: str = "") -> tuple[str, ...]:
        """Area prefixes this viewer may see in the role; ("",) is everywhere, () is nowhere."""
        if self.all_seeing:
            return ("",)
        found = {grant.area for grant in self.grants if grant.role == role and grant.programme in ("", programme)}
        return tuple(sorted(area for area in found if not any(area != other and contains(other, area) for other in found)))

    def require(self, role: str, *, area: str = "", programme: str = "") -> None:
        """Raise Refused unless may()."""
        if not self.may(role, area=area, programme=programme):
            raise Refused(
                "viewer.not_granted",
                zh="您没有办理此事的权限",
                en="You have no grant for this.",
                expected=f"{role} for {area or 'the whole city'}, {programme or 'all programmes'}",
                found="; ".join(f"{g.role} for {g.area or 'the whole city'}, {g.programme or 'all programmes'}" for g in self.grants)
                or "no grants",
                expected_zh=f"{role}，范围：{area or '全市'}，{programme or '全部政策'}",
                found_zh="；".join(f"{g.role}，范围：{g.area or '全市'}，{g.programme or '全部政策'}" for g in self.grants) or "没有授权",
                remedy_zh="请管理员授权",
                remedy_en="ask an administrator for the grant",
            )


def system(name: str) -> Viewer:
    """The system itself, under a name that facts will show ("system:nightly-screening")."""
    return Viewer(f"system:{name}", all_seeing=True)


PUBLIC = Viewer("public")
