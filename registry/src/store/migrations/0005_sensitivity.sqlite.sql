-- Patients of whom address, practice and location are not told. The PostgreSQL twin of this file differs in
-- the names of types only.
-- How PDS classes the record: U, R, V, REDACTED.
ALTER TABLE patient ADD COLUMN sensitivity TEXT NOT NULL DEFAULT 'U';
-- 1: an operator has said so, whatever PDS says.
ALTER TABLE patient ADD COLUMN withheld INTEGER NOT NULL DEFAULT 0;
