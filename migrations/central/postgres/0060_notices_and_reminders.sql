-- Notices of the system in the inbox, how each user wants to be told of what is new, and reminders.

-- What a conversation is a notice of, where the system wrote it; it is its one participant's alone.
ALTER TABLE conversations ADD COLUMN notice text CHECK (notice IN
    ('new_to_care', 'school_move', 'new_child', 'access_ends', 'new_establishment', 'bulk_add_finished'));

-- The last day that the user was told of, where they were told that their access ends.
ALTER TABLE pupil_access ADD COLUMN ends_told date;

-- How often a user is told by e-mail; at once, where there is no row.
CREATE TABLE notification_choices (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    email text NOT NULL CHECK (email IN ('at_once', 'hourly', 'daily', 'weekly'))
);

-- The kinds of notices that a user of the LA roles does not want.
CREATE TABLE unwanted_notices (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN
        ('new_to_care', 'school_move', 'new_child', 'access_ends', 'new_establishment', 'bulk_add_finished')),
    PRIMARY KEY (user_id, kind)
);

CREATE TABLE reminders (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN
        ('own', 'term', 'message_unread', 'invitations_waiting', 'not_linked', 'nobody_to_read')),
    audience text NOT NULL CHECK (audience IN ('user', 'la_roles', 'everyone')),
    -- Whose it is, where the audience is one user.
    owner_id uuid REFERENCES users (id) ON DELETE CASCADE,
    -- What the store made it of, so that it makes no second one.
    cause text COLLATE "C",
    sealed_text bytea NOT NULL,
    pupil_id uuid REFERENCES pupils (id),
    conversation_id uuid REFERENCES conversations (id) ON DELETE CASCADE,
    establishment_id uuid REFERENCES establishments (id) ON DELETE CASCADE,
    due_at timestamptz NOT NULL,
    repeat text CHECK (repeat IN ('daily', 'weekly', 'monthly', 'termly')),
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX reminders_cause ON reminders (cause);
CREATE INDEX reminders_owner ON reminders (owner_id, id);
CREATE INDEX reminders_audience ON reminders (audience, id);
CREATE INDEX reminders_conversation ON reminders (conversation_id);
CREATE INDEX reminders_pupil ON reminders (pupil_id);

-- What was sent lately, for reminders of what was not read.
CREATE INDEX messages_sent ON messages (sent_at);

-- What a user did with a reminder.
CREATE TABLE reminder_states (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    reminder_id uuid NOT NULL REFERENCES reminders (id) ON DELETE CASCADE,
    snoozed_until timestamptz,
    done_at timestamptz,
    PRIMARY KEY (user_id, reminder_id)
);
CREATE INDEX reminder_states_reminder ON reminder_states (reminder_id);

-- Changes of reminders are told too.
ALTER TABLE changes DROP CONSTRAINT changes_entity_kind_check;
ALTER TABLE changes ADD CONSTRAINT changes_entity_kind_check CHECK (entity_kind IN
    ('me', 'person', 'people', 'establishment', 'pupil', 'conversation', 'message', 'reminder', 'scope_granted', 'scope_revoked'));
