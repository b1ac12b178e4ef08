-- Pupils, their times in care and at establishments, and who may see them.

CREATE TABLE pupils (
    id uuid PRIMARY KEY,
    revision bigint NOT NULL,
    known_as text NOT NULL,
    known_as_key text COLLATE "C" NOT NULL,
    legal_first_name text NOT NULL,
    legal_last_name text NOT NULL,
    born date NOT NULL,
    upn text COLLATE "C",
    reference text COLLATE "C",
    restricted boolean NOT NULL,
    -- Closed for good because the child was adopted.
    adopted boolean NOT NULL,
    -- Until (not including) this day no establishment sees the pupil.
    held_from_schools_until date,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX pupils_upn ON pupils (upn);
CREATE UNIQUE INDEX pupils_reference ON pupils (reference);
CREATE INDEX pupils_known_as ON pupils (known_as_key, id);

-- The words that a search for a pupil may begin with: of names, the UPN and the reference.
CREATE TABLE pupil_words (
    word text COLLATE "C" NOT NULL,
    pupil_id uuid NOT NULL REFERENCES pupils (id) ON DELETE CASCADE,
    -- Found by LA roles alone: legal names, the authority's reference.
    la_only boolean NOT NULL,
    PRIMARY KEY (word, pupil_id)
);
CREATE INDEX pupil_words_pupil ON pupil_words (pupil_id);

CREATE TABLE care_periods (
    id uuid PRIMARY KEY,
    pupil_id uuid NOT NULL REFERENCES pupils (id),
    start_on date NOT NULL,
    -- The first day no longer in care.
    end_on date,
    end_reason text,
    CHECK (end_on IS NULL OR end_on > start_on)
);
CREATE INDEX care_periods_pupil ON care_periods (pupil_id, start_on);

CREATE TABLE enrolments (
    id uuid PRIMARY KEY,
    pupil_id uuid NOT NULL REFERENCES pupils (id),
    establishment_id uuid NOT NULL REFERENCES establishments (id),
    kind text NOT NULL CHECK (kind IN ('main', 'dual', 'guest', 'alternative_provision', 'tuition')),
    start_on date NOT NULL,
    -- The last day there.
    end_on date,
    visible_from date NOT NULL,
    handover_ended boolean NOT NULL,
    CHECK (end_on IS NULL OR end_on >= start_on)
);
CREATE INDEX enrolments_pupil ON enrolments (pupil_id, start_on);
CREATE INDEX enrolments_establishment ON enrolments (establishment_id, pupil_id);

CREATE TABLE assignments (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    pupil_id uuid NOT NULL REFERENCES pupils (id),
    start_on date NOT NULL,
    end_on date,
    reads_all boolean NOT NULL,
    import_id uuid
);
CREATE INDEX assignments_user ON assignments (user_id, pupil_id);
CREATE INDEX assignments_pupil ON assignments (pupil_id, user_id);
CREATE INDEX assignments_import ON assignments (import_id);

-- This user never sees this pupil.
CREATE TABLE bars (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    pupil_id uuid NOT NULL REFERENCES pupils (id),
    PRIMARY KEY (user_id, pupil_id)
);
CREATE INDEX bars_pupil ON bars (pupil_id);

-- The users whom a restricted pupil names.
CREATE TABLE pupil_names (
    pupil_id uuid NOT NULL REFERENCES pupils (id),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (pupil_id, user_id)
);
CREATE INDEX pupil_names_user ON pupil_names (user_id);

-- What the rules give to users other than LA roles, for the day that store.access_as_of names.
CREATE TABLE pupil_access (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    pupil_id uuid NOT NULL REFERENCES pupils (id),
    reason text NOT NULL CHECK (reason IN ('enrolment', 'handover', 'assignment')),
    establishment_id uuid,
    reads_all boolean NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (user_id, pupil_id)
);
CREATE INDEX pupil_access_pupil ON pupil_access (pupil_id, user_id);

-- Who could see a pupil once: what they wrote then still reaches the Virtual School.
CREATE TABLE pupil_access_ended (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    pupil_id uuid NOT NULL REFERENCES pupils (id),
    reads_all boolean NOT NULL,
    ended_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, pupil_id)
);
CREATE INDEX pupil_access_ended_pupil ON pupil_access_ended (pupil_id);
