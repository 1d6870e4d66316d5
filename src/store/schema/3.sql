-- What the user wants to reach: so many points, held for so long, by an instant if there is one.
CREATE TABLE goal (
  id INTEGER PRIMARY KEY,
  person INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  since INTEGER NOT NULL,
  target REAL NOT NULL,
  hold INTEGER NOT NULL,
  due INTEGER,
  prize TEXT,
  dropped INTEGER
) STRICT;
CREATE INDEX goal_person ON goal (person);

-- Entries of the log that have been read.
CREATE TABLE seen (key TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

-- What has been delivered where.
CREATE TABLE delivered (
  place TEXT NOT NULL,
  key TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (place, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivered_at ON delivered (at);

-- What could not be sent before the program ended: the alert as JSON, for the next start.
CREATE TABLE unsent (place TEXT NOT NULL, alert TEXT NOT NULL, PRIMARY KEY (place, alert)) STRICT, WITHOUT ROWID;

-- Alerts that rules have made, by the key of the log's entry. what: the words of one that is no entry by itself.
CREATE TABLE fired (
  rule TEXT NOT NULL,
  key TEXT NOT NULL,
  at INTEGER NOT NULL,
  person INTEGER REFERENCES person (id) ON DELETE CASCADE,
  badge INTEGER NOT NULL,
  what TEXT,
  PRIMARY KEY (rule, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX fired_person ON fired (person, at);

-- What the alert rules remember: parts by name, as JSON.
CREATE TABLE rule_memory (part TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- Derived from here on.

-- The detectors' state, as JSON. channel 0 is the person.
CREATE TABLE detector (
  person INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  channel INTEGER NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (person, channel)
) STRICT, WITHOUT ROWID;

-- Episodes. direction: 1 up, -1 down. verdict: 0 faded, 1 held. fades: when it is expected to be over.
CREATE TABLE bump (
  person INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  onset INTEGER NOT NULL,
  direction INTEGER NOT NULL,
  magnitude REAL NOT NULL,
  channel INTEGER NOT NULL,
  cause TEXT NOT NULL,
  fades INTEGER,
  resolved INTEGER,
  verdict INTEGER,
  PRIMARY KEY (person, onset)
) STRICT, WITHOUT ROWID;

-- What else is told: halts, gaps, milestones, changes of constants, unusual volume; and what became of goals, which
-- is not derived but stays as it was told. person 0 is everybody.
CREATE TABLE event (
  person INTEGER NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  channel INTEGER NOT NULL,
  points REAL,
  what TEXT NOT NULL,
  PRIMARY KEY (person, at, kind, channel, what)
) STRICT, WITHOUT ROWID;
