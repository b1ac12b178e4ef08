-- Users, how they get in, establishments, and who is linked where.

CREATE TABLE users (
    id BLOB PRIMARY KEY,
    revision INTEGER NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('designated_teacher', 'social_worker', 'other_professional', 'la_user', 'la_super_user')),
    status TEXT NOT NULL CHECK (status IN ('invited', 'active', 'inactive')),
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    -- Last name, then first name.
    name_key TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    job_title TEXT NOT NULL,
    phone TEXT NOT NULL,
    password_hash TEXT,
    last_signed_in TEXT,
    created_at TEXT NOT NULL,
    import_id BLOB,
    -- An invitation was asked for, and waits until this Designated Teacher is linked.
    invitation_held INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX users_email ON users (email_key);
CREATE INDEX users_name ON users (name_key, id);
CREATE INDEX users_role ON users (role, name_key, id);
CREATE INDEX users_import ON users (import_id);

-- The words that a search for a user may begin with.
CREATE TABLE user_words (
    word TEXT NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (word, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_words_user ON user_words (user_id);

CREATE TABLE invitations (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    code_hash BLOB NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT,
    -- Set when a newer one was made.
    replaced INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX invitations_code ON invitations (code_hash);
CREATE INDEX invitations_user ON invitations (user_id, created_at);

CREATE TABLE sessions (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash BLOB NOT NULL,
    device_id BLOB NOT NULL,
    device_name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_used_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    password_confirmed_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_user ON sessions (user_id);

-- Wrong passwords since the last right one, by a keyed hash of the e-mail address, whether or not it has an account.
CREATE TABLE sign_in_tries (
    email_hash BLOB PRIMARY KEY,
    tries INTEGER NOT NULL,
    slowed_until TEXT,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX sign_in_tries_at ON sign_in_tries (at);

CREATE TABLE establishments (
    id BLOB PRIMARY KEY,
    urn TEXT,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    type_name TEXT NOT NULL,
    phase TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'proposed_to_close', 'proposed_to_open', 'closed')),
    la_name TEXT NOT NULL,
    town TEXT NOT NULL,
    postcode TEXT NOT NULL,
    -- JSON: the lines of the address.
    address TEXT NOT NULL,
    phone TEXT NOT NULL,
    website TEXT NOT NULL,
    head TEXT NOT NULL,
    closed_on TEXT
) STRICT;
CREATE UNIQUE INDEX establishments_urn ON establishments (urn);
CREATE INDEX establishments_name ON establishments (name_key, id);

-- The words that a search for an establishment may begin with: of its name, its URN, its postcode.
CREATE TABLE establishment_words (
    word TEXT NOT NULL,
    establishment_id BLOB NOT NULL REFERENCES establishments (id) ON DELETE CASCADE,
    PRIMARY KEY (word, establishment_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX establishment_words_establishment ON establishment_words (establishment_id);

CREATE TABLE establishment_links (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    establishment_id BLOB NOT NULL REFERENCES establishments (id),
    capacity TEXT NOT NULL CHECK (capacity IN ('designated_teacher', 'deputy', 'cover', 'headteacher', 'office')),
    start_on TEXT NOT NULL,
    end_on TEXT,
    import_id BLOB
) STRICT;
CREATE INDEX establishment_links_user ON establishment_links (user_id, start_on);
CREATE INDEX establishment_links_establishment ON establishment_links (establishment_id, user_id);
CREATE INDEX establishment_links_import ON establishment_links (import_id);
