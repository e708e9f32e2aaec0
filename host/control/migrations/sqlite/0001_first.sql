CREATE TABLE tenants (
    name            TEXT PRIMARY KEY NOT NULL,
    created_ms      INTEGER NOT NULL,
    -- The number of the newest version; never reused, whatever is deleted.
    last_number     INTEGER NOT NULL DEFAULT 0,
    -- Counts changes of secrets, so that isolates with old values can be told from new ones.
    secret_revision INTEGER NOT NULL DEFAULT 0,
    active          TEXT REFERENCES versions (id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE versions (
    id              TEXT PRIMARY KEY NOT NULL,
    tenant          TEXT NOT NULL REFERENCES tenants (name) ON DELETE CASCADE,
    number          INTEGER NOT NULL,
    created_ms      INTEGER NOT NULL,
    bundle_sha256   TEXT NOT NULL,
    bundle_bytes    INTEGER NOT NULL,
    -- JSON, as the admin API received them.
    vars            TEXT NOT NULL,
    limits          TEXT NOT NULL,
    message         TEXT,
    startup_cpu_us  INTEGER NOT NULL,
    startup_wall_us INTEGER NOT NULL,
    -- The version that was live when this one was deployed: where a rollback leads.
    predecessor     TEXT,
    UNIQUE (tenant, number)
) STRICT;

CREATE INDEX versions_by_bundle ON versions (bundle_sha256);

CREATE TABLE secrets (
    tenant TEXT NOT NULL REFERENCES tenants (name) ON DELETE CASCADE,
    name   TEXT NOT NULL,
    value  TEXT NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE hosts (
    host   TEXT PRIMARY KEY NOT NULL,
    tenant TEXT NOT NULL REFERENCES tenants (name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX hosts_by_tenant ON hosts (tenant);

CREATE TABLE tokens (
    name       TEXT PRIMARY KEY NOT NULL,
    sha256     BLOB NOT NULL CHECK (length(sha256) = 32),
    created_ms INTEGER NOT NULL
) STRICT;
