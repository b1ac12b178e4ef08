-- One engine for several kinds of import: mended in place, columns chosen by hand, invited later, undone.

ALTER TABLE imports DROP CONSTRAINT imports_kind_check;
ALTER TABLE imports ADD CONSTRAINT imports_kind_check CHECK (kind IN ('users', 'pupils', 'establishments'));
ALTER TABLE imports DROP CONSTRAINT imports_status_check;
ALTER TABLE imports ADD CONSTRAINT imports_status_check CHECK (status IN ('judged', 'committed', 'undone'));
-- For users: the role of those whose row does not name one.
ALTER TABLE imports ALTER COLUMN role DROP NOT NULL;
-- What a person changed of how the file is read: cells, rows left out, columns.
ALTER TABLE imports ADD COLUMN sealed_mends bytea;
ALTER TABLE imports ADD COLUMN mended_cells bigint NOT NULL DEFAULT 0;
-- JSON: how many findings there are of each kind.
ALTER TABLE imports ADD COLUMN finding_kinds text NOT NULL DEFAULT '[]';
-- When those it created are to be invited, and when they were.
ALTER TABLE imports ADD COLUMN invite_at timestamptz;
ALTER TABLE imports ADD COLUMN invited_at timestamptz;
ALTER TABLE imports ADD COLUMN undone_at timestamptz;
ALTER TABLE imports ADD COLUMN undone_by uuid REFERENCES users (id);
-- JSON: what the undo did.
ALTER TABLE imports ADD COLUMN undo_result text;
UPDATE imports SET counts =
    replace(replace(counts, '"users_to_', '"to_'), '"users_not_linked_yet"', '"not_linked_yet"');
CREATE INDEX imports_to_invite ON imports (invite_at) WHERE invite_at IS NOT NULL AND invited_at IS NULL;

-- The kind of finding; empty where it was found before kinds were kept.
-- Errors come first, so where warnings begin is told by how many errors there are.
DROP INDEX import_findings_severity;
ALTER TABLE import_findings ADD COLUMN code text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE import_findings ALTER COLUMN code DROP DEFAULT;
ALTER TABLE import_findings ADD COLUMN row_number bigint NOT NULL DEFAULT 0;
ALTER TABLE import_findings ALTER COLUMN row_number DROP DEFAULT;
CREATE INDEX import_findings_code ON import_findings (import_id, code, position);
CREATE INDEX import_findings_row ON import_findings (import_id, row_number, position);

-- What a person said of the columns of files with the same headings, for the next such file.
CREATE TABLE import_mappings (
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('users', 'pupils', 'establishments')),
    -- A keyed hash of the set of headings.
    headings_hash bytea NOT NULL,
    -- JSON: what each column holds, by a keyed hash of its heading.
    columns text NOT NULL,
    used_at timestamptz NOT NULL,
    PRIMARY KEY (kind, headings_hash)
);

-- Those that an import found and changed, or found and left as they were.
CREATE TABLE import_objects (
    import_id uuid NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    position bigint NOT NULL,
    object_id uuid NOT NULL,
    outcome text COLLATE "C" NOT NULL CHECK (outcome IN ('updated', 'skipped')),
    -- The object's revision after the import; where it is another now, somebody changed it since.
    revision bigint,
    -- Its former values, until an undo or for 30 days.
    sealed_before bytea,
    undone boolean NOT NULL DEFAULT FALSE,
    PRIMARY KEY (import_id, position)
);
CREATE INDEX import_objects_outcome ON import_objects (import_id, outcome, position);

-- A page of the users of an import; and users are deleted by an undo, which asks who began or undid an import.
DROP INDEX users_import;
CREATE INDEX users_import ON users (import_id, id);
CREATE INDEX imports_begun_by ON imports (begun_by);
CREATE INDEX imports_undone_by ON imports (undone_by) WHERE undone_by IS NOT NULL;
