-- The histories of pupils on a focus list are held from this version on: those of pupils who are on it already are
-- fetched at the next contact.
INSERT INTO to_fetch (kind, id) SELECT 'history', id FROM pupils WHERE mine = 1 ON CONFLICT DO NOTHING;
