-- Histories that were fetched because someone opened them, and not because they belong to what is held: dropped when
-- they were not opened for seven days.
CREATE TABLE opened_histories (
    pupil_id  BLOB PRIMARY KEY,
    opened_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
