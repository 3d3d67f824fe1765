"""Who and where: areas, residents, households, organisations, staff. Every row is written by an act in linli.registers.acts."""

from linli.registers.models.accounts import AccountSignIn, Mandate, ResidentAccount, SignInCode, WrongCode
from linli.registers.models.areas import Address, Area, BuildingGrid
from linli.registers.models.families import FamilyLink, Household, HouseholdMember
from linli.registers.models.guardianships import Guardianship
from linli.registers.models.lists import Authorisation, Doubtful, DoubtfulCandidate, Holding, ListImport, ListVersion, Record
from linli.registers.models.places import Place, PlaceBefore, PlaceRole
from linli.registers.models.prices import PriceItem, PriceVersion
from linli.registers.models.residents import Resident, ResidentPast, Situation
from linli.registers.models.sign_in import ExternalIdentity, RecoveryCode, RefusedAttempt, SecondFactor, StaffSession
from linli.registers.models.staff import Organisation, ProposedGrant, Staff, StaffGrant, StaffPerson
from linli.registers.models.uploads import DoubtQuestion, RememberedColumns, Upload
from linli.registers.models.windows import ServiceWindow

__all__ = [
    "AccountSignIn",
    "Address",
    "Area",
    "Authorisation",
    "BuildingGrid",
    "DoubtQuestion",
    "Doubtful",
    "DoubtfulCandidate",
    "ExternalIdentity",
    "FamilyLink",
    "Guardianship",
    "Holding",
    "Household",
    "HouseholdMember",
    "ListImport",
    "ListVersion",
    "Mandate",
    "Organisation",
    "Place",
    "PlaceBefore",
    "PlaceRole",
    "PriceItem",
    "PriceVersion",
    "ProposedGrant",
    "Record",
    "RecoveryCode",
    "RefusedAttempt",
    "RememberedColumns",
    "Resident",
    "ResidentAccount",
    "ResidentPast",
    "SecondFactor",
    "ServiceWindow",
    "SignInCode",
    "Situation",
    "Staff",
    "StaffGrant",
    "StaffPerson",
    "StaffSession",
    "Upload",
    "WrongCode",
]
