-- People, establishments and pupils as the store sent them (payload: JSON of lac-wire), with the keys by which they
-- are sorted and found. `generation` is that of the first fetch that last brought the row; older ones are dropped
-- when a first fetch has ended.
CREATE TABLE people (
    id         BLOB PRIMARY KEY,
    sort_key   TEXT NOT NULL,
    generation INTEGER NOT NULL,
    payload    TEXT NOT NULL,
    role       TEXT GENERATED ALWAYS AS (payload ->> 'role') VIRTUAL,
    -- Whether the user may write to them, and they may sign in.
    reachable  INTEGER GENERATED ALWAYS AS (payload ->> 'may_write' AND payload ->> 'status' <> 'inactive') VIRTUAL
) STRICT;
CREATE INDEX people_by_role ON people (role, reachable);

CREATE TABLE person_words (
    word      TEXT NOT NULL,
    person_id BLOB NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (word, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_words_of ON person_words (person_id);

-- Designated Teachers to whom the user may write, by the key of the establishment's name.
CREATE TABLE teacher_places (
    place_key TEXT NOT NULL,
    person_id BLOB NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (place_key, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX teacher_places_of ON teacher_places (person_id);

CREATE TABLE establishments (
    id         BLOB PRIMARY KEY,
    sort_key   TEXT NOT NULL,
    generation INTEGER NOT NULL,
    payload    TEXT NOT NULL
) STRICT;
CREATE INDEX establishments_by_name ON establishments (sort_key);

CREATE TABLE establishment_words (
    word             TEXT NOT NULL,
    establishment_id BLOB NOT NULL REFERENCES establishments (id) ON DELETE CASCADE,
    PRIMARY KEY (word, establishment_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX establishment_words_of ON establishment_words (establishment_id);

CREATE TABLE pupils (
    id         BLOB PRIMARY KEY,
    sort_key   TEXT NOT NULL,
    generation INTEGER NOT NULL,
    payload    TEXT NOT NULL
) STRICT;
CREATE INDEX pupils_by_name ON pupils (sort_key, id);

CREATE TABLE pupil_words (
    word     TEXT NOT NULL,
    pupil_id BLOB NOT NULL REFERENCES pupils (id) ON DELETE CASCADE,
    PRIMARY KEY (word, pupil_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX pupil_words_of ON pupil_words (pupil_id);
