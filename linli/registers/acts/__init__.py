"""Writes of who and where: each function is one verb and one transaction of rows and facts."""

from linli.registers.acts.accounts import account_by_identity, check_card, confirm_code, issue_code, request_code
from linli.registers.acts.areas import add_places, assign_grid, import_divisions, position_areas, register_address
from linli.registers.acts.erasure import erase_resident
from linli.registers.acts.guardianships import confirm_guardianship, record_guardianship, refuse_guardianship, revoke_guardianship
from linli.registers.acts.households import change_member, dissolve_household, end_family_link, form_household, link_family
from linli.registers.acts.mandates import agree_mandate, end_mandate, end_matter, grant_mandate
from linli.registers.acts.places import change_place, close_generated, close_mapped, close_place, import_places, move_place, open_place
from linli.registers.acts.proposals import confirm_grant, decline_grant, propose_grant
from linli.registers.acts.residents import Lives, correct_resident, record_death, record_situation, register_resident
from linli.registers.acts.staff import add_staff, change_password, end_grant, place_grant, register_organisation, set_active
from linli.registers.acts.staff_persons import identify_staff
from linli.registers.acts.windows import close_window, import_windows, record_window
from linli.registers.acts.workplaces import place_staff

__all__ = [
    "Lives",
    "account_by_identity",
    "add_places",
    "add_staff",
    "agree_mandate",
    "assign_grid",
    "change_member",
    "change_password",
    "change_place",
    "check_card",
    "close_generated",
    "close_mapped",
    "close_place",
    "close_window",
    "confirm_code",
    "confirm_grant",
    "confirm_guardianship",
    "correct_resident",
    "decline_grant",
    "dissolve_household",
    "end_family_link",
    "end_grant",
    "end_mandate",
    "end_matter",
    "erase_resident",
    "form_household",
    "grant_mandate",
    "identify_staff",
    "import_divisions",
    "import_places",
    "import_windows",
    "issue_code",
    "link_family",
    "move_place",
    "open_place",
    "place_grant",
    "place_staff",
    "position_areas",
    "propose_grant",
    "record_death",
    "record_guardianship",
    "record_situation",
    "record_window",
    "refuse_guardianship",
    "register_address",
    "register_organisation",
    "register_resident",
    "request_code",
    "revoke_guardianship",
    "set_active",
]
