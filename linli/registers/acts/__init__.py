"""Writes of who and where: each function is one verb and one transaction of rows and facts."""

from linli.registers.acts.areas import add_places, assign_grid, import_divisions, register_address
from linli.registers.acts.erasure import erase_resident
from linli.registers.acts.households import change_member, dissolve_household, end_family_link, form_household, link_family
from linli.registers.acts.residents import Lives, correct_resident, record_death, record_situation, register_resident
from linli.registers.acts.staff import add_staff, change_password, end_grant, place_grant, register_organisation, set_active

__all__ = [
    "Lives",
    "add_places",
    "add_staff",
    "assign_grid",
    "change_member",
    "change_password",
    "correct_resident",
    "dissolve_household",
    "end_family_link",
    "end_grant",
    "erase_resident",
    "form_household",
    "import_divisions",
    "link_family",
    "place_grant",
    "record_death",
    "record_situation",
    "register_address",
    "register_organisation",
    "register_resident",
    "set_active",
]
