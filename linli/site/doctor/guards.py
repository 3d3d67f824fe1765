"""Checks of what the database itself refuses: the triggers and exclusions that the migrations made are there, and they are on."""

from __future__ import annotations

from django.db import connection

from linli.site.doctor.findings import FAIL, OK, Finding

TRIGGERS = {
    "agreements_award": ("batches_award_changed",),
    "batches_batch": ("batches_batch_keep",),
    "batches_check": ("batches_check_added", "batches_check_changed", "batches_check_gone"),
    "batches_draw": ("batches_draw_two",),
    "batches_excluded": ("batches_excluded_added", "batches_excluded_gone"),
    "batches_item": ("batches_item_added", "batches_item_changed", "batches_item_gone", "batches_item_keep"),
    "batches_objection": ("batches_objection_changed",),
    "batches_publicoutcome": ("batches_publicoutcome_keep",),
    "casework_case": ("batches_objection_answered",),
    "casework_document": ("batches_document_added", "batches_document_changed", "batches_document_gone"),
    "circles_action": ("circles_action_closes",),
    "circles_issuedplan": ("circles_issuedplan_keep",),
    "entitlements_escrow": ("entitlements_escrow_keep",),
    "entitlements_escrowdeposit": ("entitlements_escrowdeposit_keep", "entitlements_escrowdeposit_two"),
    "entitlements_escrowentry": ("entitlements_escrowentry_keep",),
    "entitlements_escrowpayout": ("entitlements_escrowpayout_keep",),
    "entitlements_ranking": ("entitlements_ranking_keep",),
    "entitlements_rankingplace": ("entitlements_rankingplace_keep",),
    "entitlements_reviewsheet": ("entitlements_reviewsheet_keep",),
    "ledger_account": ("ledger_account_keep", "ledger_account_write"),
    "ledger_balance": ("ledger_balance_keep", "ledger_balance_write"),
    "ledger_entry": ("ledger_entry_keep", "ledger_entry_write"),
    "ledger_fund": ("ledger_fund_keep",),
    "ledger_hold": ("ledger_hold_keep", "ledger_hold_write"),
    "ledger_source": ("ledger_source_keep",),
    "ledger_transfer": ("entitlements_escrow_release", "ledger_transfer_keep", "ledger_transfer_write"),
    "programmes_programmeversion": ("programmes_version_keep",),
    "programmes_readingconfirmation": ("programmes_reading_keep",),
    "registers_familylink": (
        "family_link_once",
        "family_link_once_on_update",
        "one_father_mother_spouse_at_a_time",
        "one_father_mother_spouse_at_a_time_on_update",
    ),
    "registers_householdmember": (
        "household_one_head_at_a_time",
        "household_one_head_at_a_time_on_update",
        "member_of_one_household_of_a_kind",
        "member_of_one_household_of_a_kind_on_update",
    ),
    "registers_place": ("registers_place_stamp",),
    "registers_placebefore": ("registers_placebefore_stamp",),
    "registers_placerole": ("registers_placerole_stamp",),
    "registers_priceitem": ("price_item_keep",),
    "registers_priceversion": ("price_version_keep",),
    "registers_resident": ("batches_resident_gone",),
    "registers_servicewindow": ("registers_servicewindow_stamp",),
    "registers_situation": ("situation_one_area_at_a_time", "situation_one_area_at_a_time_on_update"),
    "settlement_account": ("settlement_account_keep",),
    "settlement_bankword": ("settlement_bankword_keep",),
    "settlement_instruction": ("settlement_instruction_keep",),
    "settlement_outcomerow": ("settlement_outcomerow_keep", "settlement_outcomerow_said"),
    "settlement_payment": ("settlement_payment_account", "settlement_payment_keep"),
    "trace_fact": ("trace_fact_keep", "trace_fact_keep_all"),
    "trace_head": ("trace_head_keep", "trace_head_keep_all"),
    "vault_access": ("vault_access_keep",),
    "vault_keyevent": ("vault_keyevent_keep",),
    "vault_personkey": ("vault_personkey_change", "vault_personkey_keep"),
}
"""By table. Its test compares them with a database that the migrations have just made, as it does the exclusions."""
EXCLUSIONS = {
    "registers_area": ("area_one_version_at_a_time",),
    "registers_authorisation": ("authorisation_one_at_a_time",),
    "registers_buildinggrid": ("building_in_one_grid_at_a_time",),
    "registers_holding": ("holding_one_at_a_time",),
    "registers_priceitem": ("price_one_at_a_time",),
    "registers_record": ("record_one_per_household", "record_one_per_organisation", "record_one_per_person"),
    "registers_staffgrant": ("one_steward_at_a_time",),
}


def guards() -> Finding:
    """Without them a table that only grows can be rewritten, and one day can have two answers. Two queries."""
    on, off = _triggers()
    missing = (_named(TRIGGERS) - on - off) | (_named(EXCLUSIONS) - _exclusions())
    if off:
        told = _told(off)
        how = "; ".join(f"ALTER TABLE {table} ENABLE TRIGGER ALL" for table in sorted({table for table, _ in off}))
        zh, en = f"数据表的保护被关闭：{told}", f"guards are switched off: {told}"
        seal = ("；再执行 linli trace verify", "; then run linli trace verify")
        return Finding("guards", FAIL, zh, en, how + seal[0], how + seal[1])
    if missing:
        told = _told(missing)
        zh, en = f"数据表的保护缺失：{told}", f"guards are missing: {told}"
        return Finding("guards", FAIL, zh, en, "从备份恢复，再执行 linli trace verify", "restore a backup, then run linli trace verify")
    number = len(on & _named(TRIGGERS)) + len(_named(EXCLUSIONS))
    return Finding("guards", OK, f"{number} 项保护都在起作用", f"all {number} are at work")


def _named(guards: dict[str, tuple[str, ...]]) -> set[tuple[str, str]]:
    return {(table, name) for table, names in guards.items() for name in names}


def _told(guards: set[tuple[str, str]]) -> str:
    words = [f"{table} {name}" for table, name in sorted(guards)]
    return ", ".join(words[:5]) + (f" … ({len(words)})" if len(words) > 5 else "")


def _triggers() -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """(table, trigger) that fire and that don't, of every table of the schema, with those that hold foreign keys."""
    on: set[tuple[str, str]] = set()
    off: set[tuple[str, str]] = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, tgname, tgenabled IN ('O', 'A') FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE relnamespace = current_schema()::regnamespace"
        )
        for table, name, fires in cursor.fetchall():
            (on if fires else off).add((table, name))
    return on, off


def _exclusions() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid"
            " WHERE contype = 'x' AND relnamespace = current_schema()::regnamespace"
        )
        return set(cursor.fetchall())
