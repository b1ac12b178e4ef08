-- The queue of mails: a mail is claimed before it is sent, tried again when that may help, and says why it failed.

CREATE TABLE mails_queued (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('invitation', 'unread')),
    -- What the mail needs and the database may not hold in clear, such as a code.
    sealed_detail BLOB,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'dropped', 'failed')),
    created_at TEXT NOT NULL,
    sent_at TEXT,
    -- How often it was claimed, and when it may be next.
    tries INTEGER NOT NULL DEFAULT 0,
    next_try_at TEXT NOT NULL,
    -- Whose it is while it is being sent, and until when nobody else takes it.
    claim BLOB,
    claimed_until TEXT,
    -- How often it is not known whether the server took it.
    doubts INTEGER NOT NULL DEFAULT 0,
    -- Why it was not sent the last time, in our words, without an address.
    problem TEXT
) STRICT;
INSERT INTO mails_queued (id, user_id, kind, sealed_detail, state, created_at, sent_at, next_try_at)
    SELECT id, user_id, kind, sealed_detail, state, created_at, sent_at, created_at FROM mails;
DROP TABLE mails;
ALTER TABLE mails_queued RENAME TO mails;
CREATE INDEX mails_state ON mails (state, next_try_at, id);
CREATE INDEX mails_user ON mails (user_id, kind, sent_at);
CREATE UNIQUE INDEX mails_one_unread ON mails (user_id) WHERE kind = 'unread' AND state = 'waiting';
