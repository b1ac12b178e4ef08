-- What is still to be done of all whom a big import created, in the order of their ids, after its COMMIT.

CREATE TABLE imports_due (
    import_id uuid NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    work text COLLATE "C" NOT NULL CHECK (work IN ('words', 'invitations')),
    -- The last of them with whom it is done; all zeros at first.
    after_id uuid NOT NULL,
    PRIMARY KEY (import_id, work)
);
