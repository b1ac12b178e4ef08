-- Pupils as a kind of import: the day for which a file stands, and what an import made, so that it can be undone.

ALTER TABLE imports ADD COLUMN as_at TEXT;

ALTER TABLE pupils ADD COLUMN import_id BLOB;
ALTER TABLE care_periods ADD COLUMN import_id BLOB;
ALTER TABLE enrolments ADD COLUMN import_id BLOB;
CREATE INDEX pupils_import ON pupils (import_id, id) WHERE import_id IS NOT NULL;
CREATE INDEX care_periods_import ON care_periods (import_id) WHERE import_id IS NOT NULL;
CREATE INDEX enrolments_import ON enrolments (import_id) WHERE import_id IS NOT NULL;
