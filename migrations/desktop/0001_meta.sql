-- What the device knows of itself and of its account: one row each, by name (see local/meta.rs).
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What has still to be fetched: noted in the transaction that found it out, so that no crash forgets it.
CREATE TABLE to_fetch (
    kind TEXT NOT NULL CHECK (kind IN ('history', 'conversation', 'people', 'everything')),
    id   BLOB NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
