-- The functions write with the rights of the tables' owner: who may call them, rights.yaml says; nobody else, and nobody writes a table.
REVOKE EXECUTE ON FUNCTION ledger_open, ledger_close, ledger_post, ledger_reverse, ledger_hold, ledger_release, ledger_lock FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION ledger_write, ledger_write_levelled, ledger_level, ledger_move, ledger_resolve,
    ledger_set_aside, ledger_use_holds, ledger_lock_whole FROM PUBLIC;
