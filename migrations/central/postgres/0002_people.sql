-- Users, how they get in, establishments, and who is linked where.

CREATE TABLE users (
    id uuid PRIMARY KEY,
    revision bigint NOT NULL,
    role text NOT NULL CHECK (role IN ('designated_teacher', 'social_worker', 'other_professional', 'la_user', 'la_super_user')),
    status text NOT NULL CHECK (status IN ('invited', 'active', 'inactive')),
    first_name text NOT NULL,
    last_name text NOT NULL,
    -- Last name, then first name.
    name_key text COLLATE "C" NOT NULL,
    email text NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    job_title text NOT NULL,
    phone text NOT NULL,
    password_hash text,
    last_signed_in timestamptz,
    created_at timestamptz NOT NULL,
    import_id uuid,
    -- An invitation was asked for, and waits until this Designated Teacher is linked.
    invitation_held boolean NOT NULL DEFAULT FALSE
);
CREATE UNIQUE INDEX users_email ON users (email_key);
CREATE INDEX users_name ON users (name_key, id);
CREATE INDEX users_role ON users (role, name_key, id);
CREATE INDEX users_import ON users (import_id);

-- The words that a search for a user may begin with.
CREATE TABLE user_words (
    word text COLLATE "C" NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (word, user_id)
);
CREATE INDEX user_words_user ON user_words (user_id);

CREATE TABLE invitations (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    code_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    -- Set when a newer one was made.
    replaced boolean NOT NULL
);
CREATE UNIQUE INDEX invitations_code ON invitations (code_hash);
CREATE INDEX invitations_user ON invitations (user_id, created_at);

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash bytea NOT NULL,
    device_id uuid NOT NULL,
    device_name text NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    password_confirmed_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_user ON sessions (user_id);

-- Wrong passwords since the last right one, by a keyed hash of the e-mail address, whether or not it has an account.
CREATE TABLE sign_in_tries (
    email_hash bytea PRIMARY KEY,
    tries bigint NOT NULL,
    slowed_until timestamptz,
    at timestamptz NOT NULL
);
CREATE INDEX sign_in_tries_at ON sign_in_tries (at);

CREATE TABLE establishments (
    id uuid PRIMARY KEY,
    urn text COLLATE "C",
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    type_name text NOT NULL,
    phase text NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'proposed_to_close', 'proposed_to_open', 'closed')),
    la_name text NOT NULL,
    town text NOT NULL,
    postcode text NOT NULL,
    -- JSON: the lines of the address.
    address text NOT NULL,
    phone text NOT NULL,
    website text NOT NULL,
    head text NOT NULL,
    closed_on date
);
CREATE UNIQUE INDEX establishments_urn ON establishments (urn);
CREATE INDEX establishments_name ON establishments (name_key, id);

-- The words that a search for an establishment may begin with: of its name, its URN, its postcode.
CREATE TABLE establishment_words (
    word text COLLATE "C" NOT NULL,
    establishment_id uuid NOT NULL REFERENCES establishments (id) ON DELETE CASCADE,
    PRIMARY KEY (word, establishment_id)
);
CREATE INDEX establishment_words_establishment ON establishment_words (establishment_id);

CREATE TABLE establishment_links (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    establishment_id uuid NOT NULL REFERENCES establishments (id),
    capacity text NOT NULL CHECK (capacity IN ('designated_teacher', 'deputy', 'cover', 'headteacher', 'office')),
    start_on date NOT NULL,
    end_on date,
    import_id uuid
);
CREATE INDEX establishment_links_user ON establishment_links (user_id, start_on);
CREATE INDEX establishment_links_establishment ON establishment_links (establishment_id, user_id);
CREATE INDEX establishment_links_import ON establishment_links (import_id);
