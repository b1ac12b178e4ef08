-- Mails that tell both addresses that an account's e-mail address was changed.

CREATE TABLE mails_of_more_kinds (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('invitation', 'unread', 'address_before', 'address_after')),
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
INSERT INTO mails_of_more_kinds (id, user_id, kind, sealed_detail, state, created_at, sent_at, tries, next_try_at, claim,
    claimed_until, doubts, problem)
    SELECT id, user_id, kind, sealed_detail, state, created_at, sent_at, tries, next_try_at, claim, claimed_until, doubts,
        problem FROM mails;
DROP TABLE mails;
ALTER TABLE mails_of_more_kinds RENAME TO mails;
CREATE INDEX mails_state ON mails (state, next_try_at, id);
CREATE INDEX mails_user ON mails (user_id, kind, sent_at);
CREATE UNIQUE INDEX mails_one_unread ON mails (user_id) WHERE kind = 'unread' AND state = 'waiting';
