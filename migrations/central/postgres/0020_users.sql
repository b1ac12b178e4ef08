-- The orders in which users are listed, and the invitations that are open.

CREATE INDEX users_status ON users (status, name_key, id);
-- Those who never signed in stand before all others.
CREATE INDEX users_signed_in ON users ((COALESCE(last_signed_in, '1970-01-01T00:00:00+00:00')), id);
CREATE INDEX invitations_open ON invitations (user_id, expires_at, created_at) WHERE NOT replaced AND used_at IS NULL;
-- Assignments by pupil and day, for lists of a pupil's people.
CREATE INDEX assignments_user_days ON assignments (user_id, start_on);

-- What was changed of a user, field by field, for whoever edits an older copy.
CREATE TABLE user_changes (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    revision bigint NOT NULL,
    at timestamptz NOT NULL,
    changed_by uuid,
    -- JSON: names of fields, as an edit has them.
    fields text NOT NULL,
    PRIMARY KEY (user_id, revision)
);
CREATE INDEX user_changes_at ON user_changes (at);
