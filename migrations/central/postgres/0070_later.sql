-- What a big write leaves to be done in slices after its COMMIT: users whose words are still to be written, and users
-- who are still to be invited.

CREATE TABLE user_words_due (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE invitations_due (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE
);
