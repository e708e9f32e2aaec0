-- Values that were kept as they are. At the next start they are sealed and moved to `secrets`; when
-- no trace of them is left in the file, this table goes (src/store/sqlite/sealing.rs).
ALTER TABLE secrets RENAME TO plain_secrets;

CREATE TABLE secrets (
    tenant TEXT NOT NULL REFERENCES tenants (name) ON DELETE CASCADE,
    name   TEXT NOT NULL,
    -- Format, number of the key, nonce, ciphertext and tag, as src/seal.rs says.
    sealed BLOB NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;

-- One row: something that only the key of the secrets opens, so that a wrong one is seen at the start.
CREATE TABLE key_check (
    id     INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    sealed BLOB NOT NULL
) STRICT;
