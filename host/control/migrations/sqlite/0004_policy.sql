-- What the operator decides for the tenant where it differs from what holds for all: JSON.
ALTER TABLE tenants ADD COLUMN policy TEXT NOT NULL DEFAULT '{}';
-- Why the tenant is kept in cordons of its own, and since when; both null when it is not.
ALTER TABLE tenants ADD COLUMN quarantine TEXT;
ALTER TABLE tenants ADD COLUMN quarantined_ms INTEGER;
-- Whether the author lets the engine make machine code of the version: 0 or 1.
ALTER TABLE versions ADD COLUMN jit INTEGER NOT NULL DEFAULT 1;

-- Who changed what. Kept when the tenant is deleted.
CREATE TABLE audit (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms  INTEGER NOT NULL,
    -- The token's name, or 'insula' for what the server does by itself.
    actor  TEXT NOT NULL,
    action TEXT NOT NULL,
    tenant TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

CREATE INDEX audit_by_tenant ON audit (tenant, id);
