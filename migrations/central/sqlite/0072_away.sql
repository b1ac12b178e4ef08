-- Users who are away, until the day on which they are back.

CREATE TABLE away (
    user_id BLOB PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    until_on TEXT NOT NULL,
    -- Who covers for them.
    cover_id BLOB REFERENCES users (id) ON DELETE SET NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX away_cover ON away (cover_id);
