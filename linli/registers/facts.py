"""Facts of who and where. Payloads hold words and codes of places; never a name, a birth date or a number in clear.

A person's facts outlive their erasure, so they name nobody else, no household, no village and no day of their life: all that is
in the rows, which an erasure deletes. What an act changes for several people is one fact for each, with the rows that are theirs.
"""

from __future__ import annotations

from linli.registers.lists import facts as lists_facts  # noqa: F401 - declared with the stage's facts
from linli.registers.models import (
    Address,
    Area,
    BuildingGrid,
    ExternalIdentity,
    FamilyLink,
    Guardianship,
    Household,
    HouseholdMember,
    Mandate,
    Organisation,
    Place,
    PlaceBefore,
    PlaceRole,
    ProposedGrant,
    RecoveryCode,
    Resident,
    ResidentAccount,
    ResidentPast,
    SecondFactor,
    ServiceWindow,
    Situation,
    Staff,
    StaffGrant,
    StaffPerson,
)
from linli.registers.models.accounts import ACCOUNT_LEVELS, MANDATE_KINDS
from linli.registers.models.families import HOUSEHOLD_KINDS, RELATIONS
from linli.registers.models.guardianships import DOCUMENTS
from linli.registers.models.residents import SITUATION_KINDS
from linli.registers.models.sign_in import FACTOR_KINDS
from linli.registers.models.staff import ORGANISATION_KINDS, STAFF_ROLES
from linli.registers.prices import facts as price_facts  # noqa: F401 - declared with the stage's facts
from linli.trace import FactType
from linli.trace.payload import COUNT, DAY, TEXT, exactly
from linli.trace.rows import digested
from linli.trace.sealed import sealed

_CODE = {"type": "string", "pattern": r"^([0-9]{2}([0-9]{2}([0-9]{2}([0-9]{3}([0-9]{3}([GZB][0-9]{2,4})?)?)?)?)?)?$"}


AREA_RECORDED = FactType(
    "registers.area_recorded",
    version=1,
    schema=exactly(
        change={"enum": ["opened", "closed", "corrected"]}, code=_CODE, level=TEXT, valid_from=DAY, valid_to=DAY, successor=_CODE
    ),
    zh="记录行政区划",
    en="division recorded",
)
AREAS_IMPORTED = FactType(
    "registers.areas_imported",
    version=1,
    schema=exactly(file_digest=TEXT, valid_from=DAY),
    zh="导入行政区划表",
    en="division table imported",
)
PLACES_ADDED = FactType(
    "registers.places_added",
    version=1,
    schema=exactly(source=TEXT, valid_from=DAY),
    zh="登记网格、村民小组和楼栋",
    en="grids, groups and buildings added",
)
AREAS_POSITIONED = FactType(
    "registers.areas_positioned", version=1, schema=exactly(source=TEXT), zh="登记区划的位置", en="positions of divisions recorded"
)
WINDOWS_IMPORTED = FactType(
    "registers.windows_imported", version=1, schema=exactly(source=TEXT), zh="导入服务窗口名单", en="list of service windows imported"
)
WINDOW_RECORDED = FactType(
    "registers.window_recorded",
    version=1,
    schema=exactly(change={"enum": ["opened", "changed", "closed"]}, code=TEXT),
    zh="登记服务窗口",
    en="service window recorded",
)
PLACES_IMPORTED = FactType(
    "registers.place_list_imported", version=1, schema=exactly(file_digest=TEXT, on=DAY), zh="导入场所名单", en="list of places imported"
)
PLACE_RECORDED = FactType(
    "registers.place_recorded",
    version=1,
    schema=exactly(change={"enum": ["opened", "changed", "moved", "closed", "reopened"]}, code=TEXT, on=DAY),
    zh="登记场所",
    en="place recorded",
)
GRID_ASSIGNED = FactType(
    "registers.grid_assigned",
    version=1,
    schema=exactly(place=_CODE, grid=_CODE, valid_from=DAY),
    zh="划入网格",
    en="building or group put into a grid",
)
ADDRESS_REGISTERED = FactType(
    "registers.address_registered", version=1, schema=exactly(place=_CODE), zh="登记地址", en="address registered"
)
RESIDENT_REGISTERED = FactType(
    "registers.resident_registered",
    version=1,
    schema=exactly(identity={"type": "boolean"}, generated={"type": "boolean"}),
    zh="登记居民",
    en="resident registered",
)
RESIDENTS_LOADED = FactType(
    "registers.residents_loaded",
    version=1,
    schema=exactly(source=TEXT, generated={"type": "boolean"}),
    zh="批量登记居民",
    en="residents registered in bulk",
)
RESIDENT_CORRECTED = FactType(
    "registers.resident_corrected",
    version=1,
    schema=exactly(fields={"type": "array", "items": {"type": "string"}, "minItems": 1}),
    zh="更正居民信息",
    en="resident corrected",
)
RESIDENT_DIED = FactType("registers.resident_died", version=1, schema=exactly(), zh="登记死亡", en="death recorded")
RESIDENT_ERASED = FactType(
    "registers.resident_erased", version=1, schema=exactly(reason=TEXT), zh="删除居民个人信息", en="resident's personal data erased"
)
TOKENS_RENEWED = FactType(
    "registers.tokens_renewed", version=1, schema=exactly(residents=COUNT), zh="重算一批索引", en="a batch of index tokens renewed"
)
TOKEN_RENEWED = FactType("registers.token_renewed", version=1, schema=exactly(), zh="重算索引", en="index tokens renewed")
SITUATION_RECORDED = FactType(
    "registers.situation_recorded",
    version=1,
    schema=exactly(kind={"enum": list(SITUATION_KINDS)}, source=TEXT),
    zh="记录户籍、居住、参保或就读地",
    en="place of registration, living, insurance or study recorded",
)
HOUSEHOLD_CHANGED = FactType(
    "registers.household_changed",
    version=1,
    schema=exactly(
        kind={"enum": list(HOUSEHOLD_KINDS)},
        change={"enum": ["formed", "joined", "left", "role", "dissolved", "forgotten"]},
    ),
    zh="家庭变动",
    en="household changed",
)
FAMILY_LINKED = FactType(
    "registers.family_linked",
    version=1,
    schema=exactly(
        relation={"enum": list(RELATIONS)},
        change={"enum": ["linked", "ended", "forgotten"]},
    ),
    zh="登记亲属或监护关系",
    en="family or guardian link recorded",
)
HOUSEHOLD_LOADED = FactType(
    "registers.household_loaded",
    version=1,
    schema=exactly(kind={"enum": list(HOUSEHOLD_KINDS)}, members=COUNT),
    zh="批量登记家庭",
    en="household loaded with the base register",
)
FAMILY_LOADED = FactType(
    "registers.family_loaded",
    version=1,
    schema=exactly(links=COUNT),
    zh="批量登记亲属关系",
    en="family links loaded with the base register",
)
ORGANISATION_REGISTERED = FactType(
    "registers.organisation_registered",
    version=1,
    schema=exactly(kind={"enum": list(ORGANISATION_KINDS)}),
    zh="登记单位",
    en="organisation registered",
)
STAFF_ADDED = FactType("registers.staff_added", version=1, schema=exactly(), zh="新增工作人员", en="staff member added")
STAFF_CHANGED = FactType(
    "registers.staff_changed",
    version=1,
    schema=exactly(change={"enum": ["password", "deactivated", "activated"]}),
    zh="变更工作人员账号",
    en="staff account changed",
)
STAFF_PLACED = FactType(
    "registers.staff_placed",
    version=1,
    schema=exactly(organisation={"type": ["string", "null"]}),
    zh="变更所在部门",
    en="department of a staff member changed",
)
_GRANT = exactly(role={"enum": list(STAFF_ROLES)}, area=_CODE, programme=TEXT, valid_from=DAY, valid_to=DAY)
GRANT_PROPOSED = FactType("registers.grant_proposed", version=1, schema=_GRANT, zh="提出授权，待另一人确认", en="grant proposed")
GRANT_DECLINED = FactType("registers.grant_declined", version=1, schema=_GRANT, zh="退回授权", en="proposed grant turned down")
GRANT_GIVEN = FactType("registers.grant_given", version=1, schema=_GRANT, zh="授予权限", en="grant given")
GRANT_ENDED = FactType("registers.grant_ended", version=1, schema=_GRANT, zh="终止权限", en="grant ended")
_LEVEL = {"enum": list(ACCOUNT_LEVELS)}
ACCOUNT_OPENED = FactType(
    "registers.account_opened", version=1, schema=exactly(level=_LEVEL), zh="开通居民账号", en="resident's account opened"
)

CODE_ISSUED = FactType("registers.code_issued", version=1, schema=exactly(), zh="窗口打印登录验证码", en="sign-in code printed at a window")


def _identity_checked(version: int, *phone: str) -> FactType:
    schema = exactly(level=_LEVEL, phone={"enum": list(phone)})
    return FactType(
        "registers.identity_checked", version=version, schema=schema, zh="窗口核验身份证", en="identity card checked at a window"
    )


_identity_checked(1, "set", "kept")
IDENTITY_CHECKED = _identity_checked(2, "set", "kept", "ended")
# One fact for each side, and neither names the other: what ties them is the row, which an erasure deletes. on_behalf_of is the
# person whom the fact is about, where somebody else acted for them.
_MANDATE = exactly(
    kind={"enum": list(MANDATE_KINDS)}, side={"enum": ["principal", "agent"]}, matter=TEXT, on_behalf_of={"type": ["string", "null"]}
)
MANDATE_GRANTED = FactType("registers.mandate_granted", version=1, schema=_MANDATE, zh="授权他人代办", en="mandate given")
MANDATE_ENDED = FactType("registers.mandate_ended", version=1, schema=_MANDATE, zh="终止代办授权", en="mandate ended")
MANDATE_AGREED = FactType(
    "registers.mandate_agreed", version=1, schema=_MANDATE, zh="监护人同意继续代办", en="mandate agreed to by a guardian"
)
# As with mandates: one for each side, the row with the ward's.
GUARDIANSHIP = FactType(
    "registers.guardianship",
    version=1,
    schema=exactly(
        change={"enum": ["recorded", "confirmed", "refused", "revoked", "forgotten"]},
        document={"enum": list(DOCUMENTS)},
        side={"enum": ["ward", "guardian"]},
    ),
    zh="凭文件登记监护关系",
    en="guardianship on paper",
)
_FACTOR = exactly(kind={"enum": list(FACTOR_KINDS)})
FACTOR_ADDED = FactType("registers.factor_added", version=1, schema=_FACTOR, zh="添加第二验证方式", en="second factor added")
FACTOR_REMOVED = FactType("registers.factor_removed", version=1, schema=_FACTOR, zh="移除第二验证方式", en="second factor removed")
RECOVERY_CODES_MADE = FactType(
    "registers.recovery_codes_made", version=1, schema=exactly(codes=COUNT), zh="生成备用码", en="recovery codes made"
)
RECOVERY_CODE_USED = FactType(
    "registers.recovery_code_used", version=1, schema=exactly(left=COUNT), zh="使用一个备用码", en="recovery code used"
)
FACTORS_RESET = FactType(
    "registers.factors_reset",
    version=1,
    schema=exactly(factors=COUNT, codes=COUNT, confirmed_by=TEXT),
    zh="重置第二验证方式",
    en="second factors reset",
)
STAFF_IDENTIFIED = FactType(
    "registers.staff_identified",
    version=1,
    schema=exactly(change={"enum": ["checked", "forgotten"]}),
    zh="核对工作人员是哪位居民",
    en="member of staff identified",
)
IDENTITY_LINKED = FactType("registers.identity_linked", version=1, schema=exactly(), zh="关联统一身份", en="identity elsewhere linked")
IDENTITY_CONFIRMED = FactType(
    "registers.identity_confirmed", version=1, schema=exactly(), zh="本人确认统一身份", en="identity elsewhere confirmed by its owner"
)
IDENTITY_ENDED = FactType("registers.identity_ended", version=1, schema=exactly(), zh="解除统一身份", en="identity elsewhere unlinked")
SESSION_ENDED = FactType(
    "registers.session_ended", version=1, schema=exactly(by={"enum": ["self", "security"]}), zh="结束一处登录", en="session ended"
)

# `linli trace verify --deep` names a row of these that was altered behind the trace. Search keys follow from the name; a sign-in
# moves last_login, which is no act.
digested(Resident, exclude=("name_pinyin", "name_initials", "name_bigrams"))
digested(Staff, exclude=("last_login",))
digested(SecondFactor, exclude=("last_step", "sign_count"))
for _model in (
    Address, Area, BuildingGrid, ExternalIdentity, FamilyLink, Guardianship, Household, HouseholdMember, Mandate, Organisation,
    Place, PlaceBefore, PlaceRole, ProposedGrant, RecoveryCode, ResidentAccount, ResidentPast,
    ServiceWindow, Situation, StaffGrant, StaffPerson,
):  # fmt: skip
    digested(_model)
sealed(Resident, subject="uid", ciphers=("identity_cipher", "phone_cipher", "account_cipher", "address_cipher"))
sealed(SecondFactor, subject="uid", ciphers=("secret_cipher",))
sealed(ResidentAccount, subject="subject", ciphers=("phone_cipher",))
sealed(Address, subject="uid", ciphers=("householder_cipher", "detail_cipher"))
