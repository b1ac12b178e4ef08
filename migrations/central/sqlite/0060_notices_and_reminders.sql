-- Notices of the system in the inbox, how each user wants to be told of what is new, and reminders.

-- What a conversation is a notice of, where the system wrote it; it is its one participant's alone.
ALTER TABLE conversations ADD COLUMN notice TEXT CHECK (notice IN
    ('new_to_care', 'school_move', 'new_child', 'access_ends', 'new_establishment', 'bulk_add_finished'));

-- The last day that the user was told of, where they were told that their access ends.
ALTER TABLE pupil_access ADD COLUMN ends_told TEXT;

-- How often a user is told by e-mail; at once, where there is no row.
CREATE TABLE notification_choices (
    user_id BLOB PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    email TEXT NOT NULL CHECK (email IN ('at_once', 'hourly', 'daily', 'weekly'))
) STRICT, WITHOUT ROWID;

-- The kinds of notices that a user of the LA roles does not want.
CREATE TABLE unwanted_notices (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN
        ('new_to_care', 'school_move', 'new_child', 'access_ends', 'new_establishment', 'bulk_add_finished')),
    PRIMARY KEY (user_id, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE reminders (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN
        ('own', 'term', 'message_unread', 'invitations_waiting', 'not_linked', 'nobody_to_read')),
    audience TEXT NOT NULL CHECK (audience IN ('user', 'la_roles', 'everyone')),
    -- Whose it is, where the audience is one user.
    owner_id BLOB REFERENCES users (id) ON DELETE CASCADE,
    -- What the store made it of, so that it makes no second one.
    cause TEXT,
    sealed_text BLOB NOT NULL,
    pupil_id BLOB REFERENCES pupils (id),
    conversation_id BLOB REFERENCES conversations (id) ON DELETE CASCADE,
    establishment_id BLOB REFERENCES establishments (id) ON DELETE CASCADE,
    due_at TEXT NOT NULL,
    repeat TEXT CHECK (repeat IN ('daily', 'weekly', 'monthly', 'termly')),
    created_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX reminders_cause ON reminders (cause);
CREATE INDEX reminders_owner ON reminders (owner_id, id);
CREATE INDEX reminders_audience ON reminders (audience, id);
CREATE INDEX reminders_conversation ON reminders (conversation_id);
CREATE INDEX reminders_pupil ON reminders (pupil_id);

-- What was sent lately, for reminders of what was not read.
CREATE INDEX messages_sent ON messages (sent_at);

-- What a user did with a reminder.
CREATE TABLE reminder_states (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    reminder_id BLOB NOT NULL REFERENCES reminders (id) ON DELETE CASCADE,
    snoozed_until TEXT,
    done_at TEXT,
    PRIMARY KEY (user_id, reminder_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX reminder_states_reminder ON reminder_states (reminder_id);

-- Changes of reminders are told too.
CREATE TABLE changes_told (
    seq INTEGER PRIMARY KEY,
    audience_kind TEXT NOT NULL CHECK (audience_kind IN ('everyone', 'la_roles', 'establishment', 'pupil', 'conversation', 'user')),
    -- All zeros where the kind needs none.
    audience_id BLOB NOT NULL,
    entity_kind TEXT NOT NULL CHECK (entity_kind IN
        ('me', 'person', 'people', 'establishment', 'pupil', 'conversation', 'message', 'reminder', 'scope_granted', 'scope_revoked')),
    entity_id BLOB NOT NULL,
    at TEXT NOT NULL
) STRICT;
INSERT INTO changes_told SELECT seq, audience_kind, audience_id, entity_kind, entity_id, at FROM changes;
DROP TABLE changes;
ALTER TABLE changes_told RENAME TO changes;
CREATE INDEX changes_audience ON changes (audience_kind, audience_id, seq);
CREATE INDEX changes_at ON changes (at);
