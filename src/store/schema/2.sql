-- Sentiment of a reply's words, from -1 to 1.
ALTER TABLE act ADD COLUMN tone REAL;

-- Whether a listing reached the account's first post, whenever that had changed.
CREATE TABLE listing (
  channel INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  complete INTEGER NOT NULL,
  PRIMARY KEY (channel, at)
) STRICT, WITHOUT ROWID;
INSERT INTO listing (channel, at, complete)
  SELECT channel, min(at), complete FROM poll JOIN channel ON channel.id = poll.channel
  WHERE outcome < 2 GROUP BY channel;
ALTER TABLE channel DROP COLUMN complete;

-- The user's notes at an instant.
CREATE TABLE mark (
  id INTEGER PRIMARY KEY,
  person INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX mark_person ON mark (person, at);

-- Which constants scores were computed with, from when on.
CREATE TABLE model (
  at INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  constants TEXT NOT NULL
) STRICT;

-- Derived from here on.

ALTER TABLE tally DROP COLUMN absorbed;

-- What events of a row count beside as many by strangers.
ALTER TABLE ledger ADD COLUMN worth REAL NOT NULL DEFAULT 1;

-- What an act was credited with, on which UTC day.
CREATE TABLE credit (
  act INTEGER PRIMARY KEY REFERENCES act (id) ON DELETE CASCADE,
  day INTEGER NOT NULL,
  share REAL NOT NULL
) STRICT;

-- What is assumed of the time before a channel's first reading.
CREATE TABLE assumed (
  channel INTEGER PRIMARY KEY REFERENCES channel (id) ON DELETE CASCADE,
  rate REAL NOT NULL,
  spread REAL NOT NULL,
  start INTEGER NOT NULL
) STRICT;
