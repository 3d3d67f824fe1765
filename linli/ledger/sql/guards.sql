-- Append-only for the owner of the tables too. What is written is written by the functions of this folder: they carry a mark in their search
-- path, the name of a schema that does not exist. It comes and goes with the call, which a variable of our own would not do by itself.
CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only and written by its functions: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE OR REPLACE TRIGGER ledger_account_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_account FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE OR REPLACE TRIGGER ledger_fund_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_fund FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE OR REPLACE TRIGGER ledger_source_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_source FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE OR REPLACE TRIGGER ledger_transfer_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transfer FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE OR REPLACE TRIGGER ledger_entry_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE OR REPLACE TRIGGER ledger_balance_keep BEFORE DELETE OR TRUNCATE ON ledger_balance FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE OR REPLACE TRIGGER ledger_hold_keep BEFORE DELETE OR TRUNCATE ON ledger_hold FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE OR REPLACE TRIGGER ledger_account_write BEFORE INSERT ON ledger_account FOR EACH STATEMENT
    WHEN (current_setting('search_path') NOT LIKE '%ledger_writes%') EXECUTE FUNCTION ledger_refuse();
CREATE OR REPLACE TRIGGER ledger_balance_write BEFORE INSERT OR UPDATE ON ledger_balance FOR EACH STATEMENT
    WHEN (current_setting('search_path') NOT LIKE '%ledger_writes%') EXECUTE FUNCTION ledger_refuse();
CREATE OR REPLACE TRIGGER ledger_transfer_write BEFORE INSERT ON ledger_transfer FOR EACH STATEMENT
    WHEN (current_setting('search_path') NOT LIKE '%ledger_writes%') EXECUTE FUNCTION ledger_refuse();
CREATE OR REPLACE TRIGGER ledger_entry_write BEFORE INSERT ON ledger_entry FOR EACH STATEMENT
    WHEN (current_setting('search_path') NOT LIKE '%ledger_writes%') EXECUTE FUNCTION ledger_refuse();
CREATE OR REPLACE TRIGGER ledger_hold_write BEFORE INSERT OR UPDATE ON ledger_hold FOR EACH STATEMENT
    WHEN (current_setting('search_path') NOT LIKE '%ledger_writes%') EXECUTE FUNCTION ledger_refuse();
