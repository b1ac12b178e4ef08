-- Drafts and what waits to be sent. No migration deletes a row of these; each payload says in which version it is
-- written.
CREATE TABLE drafts (
    id              BLOB PRIMARY KEY,
    conversation_id BLOB,
    pupil_id        BLOB,
    version         INTEGER NOT NULL,
    payload         TEXT NOT NULL,
    saved_at        INTEGER NOT NULL
) STRICT;
CREATE INDEX drafts_of_conversation ON drafts (conversation_id);

-- `maybe_sent`: the store may have taken the command although its answer did not come.
-- `draft` is the draft that it was made from, to give back.
CREATE TABLE outbox (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    command_id      BLOB NOT NULL UNIQUE,
    conversation_id BLOB,
    kind            TEXT NOT NULL CHECK (kind IN ('start_conversation', 'send_message', 'mark_read', 'mark_unread', 'note_read')),
    state           TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'needs_attention')),
    version         INTEGER NOT NULL,
    payload         TEXT NOT NULL,
    draft           TEXT,
    written_at      INTEGER NOT NULL,
    maybe_sent      INTEGER NOT NULL DEFAULT 0 CHECK (maybe_sent IN (0, 1)),
    problem         TEXT
) STRICT;
CREATE INDEX outbox_of_conversation ON outbox (conversation_id, seq);

-- What was sent in the last 30 days, without its words: `left_out` names those whom it did not reach.
CREATE TABLE sent (
    command_id      BLOB PRIMARY KEY,
    conversation_id BLOB,
    message_id      BLOB,
    kind            TEXT NOT NULL,
    sent_at         INTEGER NOT NULL,
    left_out        TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX sent_by_time ON sent (sent_at);
CREATE INDEX sent_by_message ON sent (message_id) WHERE left_out IS NOT NULL;
