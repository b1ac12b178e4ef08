-- Getting in: wrong tries by account and by place, codes for forgotten passwords, the second step of signing in, and
-- tokens that are made anew.

-- Wrong tries, by a keyed hash of what was tried and from where, whether or not there is such an account.
DROP TABLE sign_in_tries;
CREATE TABLE wrong_tries (
    key_hash bytea PRIMARY KEY,
    tries bigint NOT NULL,
    slowed_until timestamptz,
    -- When the count began.
    since timestamptz NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX wrong_tries_at ON wrong_tries (at);

-- Devices and addresses from which a user has signed in, by a keyed hash: tries of others from elsewhere slow nobody down
-- there.
CREATE TABLE known_places (
    place_hash bytea PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    last_at timestamptz NOT NULL
);
CREATE INDEX known_places_user ON known_places (user_id);
CREATE INDEX known_places_at ON known_places (last_at);

-- One-time codes for passwords that were forgotten.
CREATE TABLE password_codes (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    code_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE UNIQUE INDEX password_codes_code ON password_codes (code_hash);
CREATE INDEX password_codes_user ON password_codes (user_id, created_at);

-- The second step of signing in: codes of an authenticator app.
CREATE TABLE second_factors (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    sealed_secret bytea NOT NULL,
    begun_at timestamptz NOT NULL,
    -- When its first code was given; before that it counts for nothing.
    confirmed_at timestamptz,
    -- The step of the last code that was taken: none is taken twice.
    last_step bigint NOT NULL
);
CREATE UNIQUE INDEX second_factors_confirmed ON second_factors (user_id) WHERE confirmed_at IS NOT NULL;
CREATE UNIQUE INDEX second_factors_begun ON second_factors (user_id) WHERE confirmed_at IS NULL;

-- Codes for signing in without the app, by a keyed hash, each used once.
CREATE TABLE recovery_codes (
    code_hash bytea PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    used_at timestamptz
);
CREATE INDEX recovery_codes_user ON recovery_codes (user_id);

-- Until when a user may do without a second step; none before the first sign-in.
ALTER TABLE users ADD COLUMN second_factor_due timestamptz;
-- Whether roles other than LA may do without for good.
ALTER TABLE store ADD COLUMN second_factor_relaxed boolean NOT NULL DEFAULT FALSE;

-- The token that a session has been given and not used yet.
ALTER TABLE sessions ADD COLUMN next_token_hash bytea;
CREATE UNIQUE INDEX sessions_next_token ON sessions (next_token_hash);

-- Tokens whose successors were used: whoever uses one again has a copy.
CREATE TABLE retired_tokens (
    token_hash bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    retired_at timestamptz NOT NULL
);
CREATE INDEX retired_tokens_session ON retired_tokens (session_id);

-- Mails with a code, and mails that tell of a change of signing in.
ALTER TABLE mails DROP CONSTRAINT mails_kind_check;
ALTER TABLE mails ADD CONSTRAINT mails_kind_check CHECK (kind IN
        ('invitation', 'unread', 'address_before', 'address_after', 'password_code', 'password_changed',
        'second_factor_set_up', 'second_factor_removed', 'second_factor_reset'));
