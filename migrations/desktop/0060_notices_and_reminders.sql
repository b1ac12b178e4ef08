-- Notices, reminders, and what there is to tell of both.

-- What a conversation is a notice of, where the system wrote it.
ALTER TABLE conversations ADD COLUMN notice TEXT;
CREATE INDEX conversations_notices ON conversations (sort_key DESC, id) WHERE notice IS NOT NULL;

-- Reminders as the store sent them, with what waits to be sent. `due_at` is when the user is to be reminded, snoozed or
-- not; `fired_for` is the time of it for which this device has done so, noted before it does.
CREATE TABLE reminders (
    id         BLOB PRIMARY KEY,
    pupil_id   BLOB,
    due_at     INTEGER NOT NULL,
    done_at    INTEGER,
    payload    TEXT NOT NULL,
    fired_for  INTEGER
) STRICT;
CREATE INDEX reminders_due ON reminders (due_at, id) WHERE done_at IS NULL;
CREATE INDEX reminders_done ON reminders (done_at, id) WHERE done_at IS NOT NULL;
CREATE INDEX reminders_of_pupil ON reminders (pupil_id);

-- Commands about reminders wait like all others; every row is kept. `conversation_id` is whose order is kept: a
-- conversation's, or a reminder's.
CREATE TABLE outbox_kept (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    command_id      BLOB NOT NULL UNIQUE,
    conversation_id BLOB,
    kind            TEXT NOT NULL CHECK (kind IN
        ('start_conversation', 'send_message', 'mark_read', 'mark_unread', 'note_read', 'reminder')),
    state           TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'needs_attention')),
    version         INTEGER NOT NULL,
    payload         TEXT NOT NULL,
    draft           TEXT,
    written_at      INTEGER NOT NULL,
    maybe_sent      INTEGER NOT NULL DEFAULT 0 CHECK (maybe_sent IN (0, 1)),
    problem         TEXT
) STRICT;
INSERT INTO outbox_kept (seq, command_id, conversation_id, kind, state, version, payload, draft, written_at, maybe_sent, problem)
    SELECT seq, command_id, conversation_id, kind, state, version, payload, draft, written_at, maybe_sent, problem FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_kept RENAME TO outbox;
CREATE INDEX outbox_of_conversation ON outbox (conversation_id, seq);

CREATE TABLE to_fetch_next (
    kind TEXT NOT NULL CHECK (kind IN ('history', 'conversation', 'people', 'reminders', 'everything')),
    id   BLOB NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
INSERT INTO to_fetch_next SELECT kind, id FROM to_fetch;
DROP TABLE to_fetch;
ALTER TABLE to_fetch_next RENAME TO to_fetch;
