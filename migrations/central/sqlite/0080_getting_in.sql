-- Getting in: wrong tries by account and by place, codes for forgotten passwords, the second step of signing in, and
-- tokens that are made anew.

-- Wrong tries, by a keyed hash of what was tried and from where, whether or not there is such an account.
DROP TABLE sign_in_tries;
CREATE TABLE wrong_tries (
    key_hash BLOB PRIMARY KEY,
    tries INTEGER NOT NULL,
    slowed_until TEXT,
    -- When the count began.
    since TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX wrong_tries_at ON wrong_tries (at);

-- Devices and addresses from which a user has signed in, by a keyed hash: tries of others from elsewhere slow nobody down
-- there.
CREATE TABLE known_places (
    place_hash BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    last_at TEXT NOT NULL
) STRICT;
CREATE INDEX known_places_user ON known_places (user_id);
CREATE INDEX known_places_at ON known_places (last_at);

-- One-time codes for passwords that were forgotten.
CREATE TABLE password_codes (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    code_hash BLOB NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT
) STRICT;
CREATE UNIQUE INDEX password_codes_code ON password_codes (code_hash);
CREATE INDEX password_codes_user ON password_codes (user_id, created_at);

-- The second step of signing in: codes of an authenticator app.
CREATE TABLE second_factors (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    sealed_secret BLOB NOT NULL,
    begun_at TEXT NOT NULL,
    -- When its first code was given; before that it counts for nothing.
    confirmed_at TEXT,
    -- The step of the last code that was taken: none is taken twice.
    last_step INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX second_factors_confirmed ON second_factors (user_id) WHERE confirmed_at IS NOT NULL;
CREATE UNIQUE INDEX second_factors_begun ON second_factors (user_id) WHERE confirmed_at IS NULL;

-- Codes for signing in without the app, by a keyed hash, each used once.
CREATE TABLE recovery_codes (
    code_hash BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    used_at TEXT
) STRICT;
CREATE INDEX recovery_codes_user ON recovery_codes (user_id);

-- Until when a user may do without a second step; none before the first sign-in.
ALTER TABLE users ADD COLUMN second_factor_due TEXT;
-- Whether roles other than LA may do without for good.
ALTER TABLE store ADD COLUMN second_factor_relaxed INTEGER NOT NULL DEFAULT 0;

-- The token that a session has been given and not used yet.
ALTER TABLE sessions ADD COLUMN next_token_hash BLOB;
CREATE UNIQUE INDEX sessions_next_token ON sessions (next_token_hash);

-- Tokens whose successors were used: whoever uses one again has a copy.
CREATE TABLE retired_tokens (
    token_hash BLOB PRIMARY KEY,
    session_id BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    retired_at TEXT NOT NULL
) STRICT;
CREATE INDEX retired_tokens_session ON retired_tokens (session_id);

-- Mails with a code, and mails that tell of a change of signing in.
CREATE TABLE mails_of_all_kinds (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN
        ('invitation', 'unread', 'address_before', 'address_after', 'password_code', 'password_changed',
        'second_factor_set_up', 'second_factor_removed', 'second_factor_reset')),
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
INSERT INTO mails_of_all_kinds (id, user_id, kind, sealed_detail, state, created_at, sent_at, tries, next_try_at, claim,
    claimed_until, doubts, problem)
    SELECT id, user_id, kind, sealed_detail, state, created_at, sent_at, tries, next_try_at, claim, claimed_until, doubts,
        problem FROM mails;
DROP TABLE mails;
ALTER TABLE mails_of_all_kinds RENAME TO mails;
CREATE INDEX mails_state ON mails (state, next_try_at, id);
CREATE INDEX mails_user ON mails (user_id, kind, sent_at);
CREATE UNIQUE INDEX mails_one_unread ON mails (user_id) WHERE kind = 'unread' AND state = 'waiting';
