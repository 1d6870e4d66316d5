-- What networks that cost money have cost, in micro-dollars, by month: its first instant, UTC. Written before a
-- question goes out, with the most that its answer can cost, and corrected when it is there.
CREATE TABLE spending (
  network TEXT NOT NULL,
  month INTEGER NOT NULL,
  micros INTEGER NOT NULL,
  PRIMARY KEY (network, month)
) STRICT, WITHOUT ROWID;
