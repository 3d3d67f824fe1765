-- One book for yuan (integer fen) and for hours (integer minutes). Nothing but a balance and the end of a hold ever changes.
-- An account never changes, so that reading it takes no lock; what changes with every post is its balance, a row of its own.
CREATE TABLE ledger_account (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid uuid NOT NULL,
    code text COLLATE "C" NOT NULL,
    unit text NOT NULL,
    kind text NOT NULL,
    floor bigint,
    purpose text NOT NULL,
    shards smallint NOT NULL DEFAULT 0,
    shard_of bigint REFERENCES ledger_account,
    opened timestamptz NOT NULL,
    CONSTRAINT ledger_account_uid UNIQUE (uid),
    CONSTRAINT ledger_account_code UNIQUE (code),
    CONSTRAINT ledger_account_unit CHECK (unit IN ('fen', 'minute')),
    CONSTRAINT ledger_account_kind CHECK (kind IN ('source', 'fund', 'clearing', 'payee', 'person', 'pool')),
    CONSTRAINT ledger_account_floor CHECK (floor BETWEEN -1000000000000000 AND 1000000000000000),
    CONSTRAINT ledger_account_shards CHECK (shards = 0 OR (shards BETWEEN 2 AND 64 AND shard_of IS NULL))
);
CREATE INDEX ledger_account_shard ON ledger_account (shard_of) WHERE shard_of IS NOT NULL;

-- Half of each page is left free: an update stays on its page and off the index. Its checks stand in ledger_write, which alone writes it:
-- a constraint would be read anew for each statement.
CREATE TABLE ledger_balance (
    account_id bigint PRIMARY KEY REFERENCES ledger_account,
    posted bigint NOT NULL DEFAULT 0,
    held bigint NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 0,
    head text NOT NULL,
    closed_at timestamptz
) WITH (fillfactor = 50);

CREATE TABLE ledger_transfer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    digest text NOT NULL,
    unit text NOT NULL,
    kind text NOT NULL,
    reverses uuid,
    hold uuid,
    event_at timestamptz NOT NULL,
    posted_at timestamptz NOT NULL,
    actor text NOT NULL,
    reference text COLLATE "C" NOT NULL,
    CONSTRAINT ledger_transfer_uid UNIQUE (uid),
    CONSTRAINT ledger_transfer_key UNIQUE (key)
);
CREATE UNIQUE INDEX ledger_transfer_reverses ON ledger_transfer (reverses) WHERE reverses IS NOT NULL;
CREATE UNIQUE INDEX ledger_transfer_hold ON ledger_transfer (hold) WHERE hold IS NOT NULL;

-- No foreign keys: each would lock the row of a busy account or add a look-up to every entry. ledger_post writes both sides, and
-- `linli ledger verify` names an entry without its account or transfer.
CREATE TABLE ledger_entry (
    account_id bigint NOT NULL,
    version bigint NOT NULL,
    transfer_id bigint NOT NULL,
    amount bigint NOT NULL,
    balance_after bigint NOT NULL,
    hash text NOT NULL,
    PRIMARY KEY (account_id, version)
);
CREATE INDEX ledger_entry_transfer ON ledger_entry (transfer_id);

CREATE TABLE ledger_hold (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    digest text NOT NULL,
    account_id bigint NOT NULL,
    amount bigint NOT NULL,
    status text NOT NULL DEFAULT 'open',
    expires timestamptz,
    held_at timestamptz NOT NULL,
    ended_at timestamptz,
    actor text NOT NULL,
    reference text COLLATE "C" NOT NULL,
    CONSTRAINT ledger_hold_uid UNIQUE (uid),
    CONSTRAINT ledger_hold_key UNIQUE (key),
    CONSTRAINT ledger_hold_amount CHECK (amount BETWEEN 1 AND 1000000000000000),
    CONSTRAINT ledger_hold_status CHECK (status IN ('open', 'posted', 'released')),
    CONSTRAINT ledger_hold_ended CHECK ((status = 'open') = (ended_at IS NULL))
);
CREATE INDEX ledger_hold_open ON ledger_hold (account_id, id) WHERE status = 'open';
CREATE INDEX ledger_hold_expires ON ledger_hold (expires) WHERE status = 'open' AND expires IS NOT NULL;

-- A fund: whose money may be spent on what. Its account has the floor 0; each source's account has minus the sum that was promised.
CREATE TABLE ledger_fund (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid uuid NOT NULL,
    slug text COLLATE "C" NOT NULL,
    purpose_zh text NOT NULL,
    purpose_en text NOT NULL,
    programme text COLLATE "C" NOT NULL,
    account_id bigint NOT NULL REFERENCES ledger_account,
    opened timestamptz NOT NULL,
    CONSTRAINT ledger_fund_uid UNIQUE (uid),
    CONSTRAINT ledger_fund_slug UNIQUE (slug),
    CONSTRAINT ledger_fund_account UNIQUE (account_id)
);
CREATE INDEX ledger_fund_programme ON ledger_fund (programme);

CREATE TABLE ledger_source (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fund_id bigint NOT NULL REFERENCES ledger_fund,
    slug text COLLATE "C" NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    promised_fen bigint NOT NULL,
    account_id bigint NOT NULL REFERENCES ledger_account,
    CONSTRAINT ledger_source_once UNIQUE (fund_id, slug),
    CONSTRAINT ledger_source_account UNIQUE (account_id),
    CONSTRAINT ledger_source_promised CHECK (promised_fen BETWEEN 1 AND 1000000000000000)
);
