-- What stands between the version's tenant and the rest: 'shared' or 'process'.
ALTER TABLE versions ADD COLUMN wall TEXT NOT NULL DEFAULT 'shared';
