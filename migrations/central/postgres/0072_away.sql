-- Users who are away, until the day on which they are back.

CREATE TABLE away (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    until_on date NOT NULL,
    -- Who covers for them.
    cover_id uuid REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX away_cover ON away (cover_id);
