-- What lists of pupils are sorted by, besides names: the user's own focus list first, or by age.
ALTER TABLE pupils ADD COLUMN mine INTEGER GENERATED ALWAYS AS (COALESCE(payload ->> 'mine', 0)) VIRTUAL;
ALTER TABLE pupils ADD COLUMN born TEXT GENERATED ALWAYS AS (payload ->> 'born') VIRTUAL;

CREATE INDEX pupils_by_mine ON pupils (mine, sort_key, id);
CREATE INDEX pupils_by_age ON pupils (born, id);
