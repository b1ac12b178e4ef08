-- Lists of people that users made, to write to them at once.

CREATE TABLE own_lists (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- A name may be a child's.
    sealed_name bytea NOT NULL
);
CREATE INDEX own_lists_owner ON own_lists (owner_id, id);

CREATE TABLE own_list_members (
    list_id uuid NOT NULL REFERENCES own_lists (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    place bigint NOT NULL,
    PRIMARY KEY (list_id, user_id)
);
CREATE INDEX own_list_members_user ON own_list_members (user_id);
