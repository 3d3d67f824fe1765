-- Facts and the heads of the shared chains.
CREATE SEQUENCE trace_fact_id;
CREATE SEQUENCE trace_bulk_chain MINVALUE 1000 START 1000;

CREATE TABLE trace_fact (
    id bigint PRIMARY KEY,
    chain integer NOT NULL,
    seq bigint NOT NULL,
    uid uuid NOT NULL,
    type text NOT NULL,
    version smallint NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor text NOT NULL,
    subject text COLLATE "C" NOT NULL,
    area text COLLATE "C" NOT NULL,
    payload jsonb NOT NULL,
    digests jsonb NOT NULL,
    echo_of bigint,
    hash text NOT NULL,
    CONSTRAINT trace_fact_place UNIQUE (chain, seq),
    CONSTRAINT trace_fact_uid UNIQUE (uid),
    CONSTRAINT trace_fact_seq CHECK (seq >= 1)
);
CREATE INDEX trace_fact_subject ON trace_fact (subject, id);
CREATE INDEX trace_fact_type ON trace_fact (type, id) WHERE echo_of IS NULL;
CREATE INDEX trace_fact_anchor ON trace_fact (chain) WHERE payload ? 'bulk';

-- A head is rewritten by every act on its chain: room on the page keeps those updates off the index.
CREATE TABLE trace_head (
    chain integer PRIMARY KEY,
    seq bigint NOT NULL DEFAULT 0,
    hash text NOT NULL DEFAULT ''
) WITH (fillfactor = 10);
INSERT INTO trace_head (chain) SELECT generate_series(0, 63);
