-- One account on one network. `stable` is unknown until the first good poll.
CREATE TABLE channel (
  id INTEGER PRIMARY KEY,
  network TEXT NOT NULL,
  stable TEXT,
  handle TEXT NOT NULL,
  base TEXT,
  native TEXT,
  name TEXT,
  url TEXT,
  complete INTEGER NOT NULL DEFAULT 0,
  UNIQUE (network, stable)
) STRICT;

-- Addresses under which a channel has been asked for.
CREATE TABLE alias (
  address TEXT PRIMARY KEY,
  channel INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE
) STRICT;

-- Which channels were a person's, from when to when.
CREATE TABLE member (
  person INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  channel INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
  since INTEGER NOT NULL,
  until INTEGER,
  PRIMARY KEY (person, channel, since)
) STRICT, WITHOUT ROWID;

-- Every poll and how it ended: 0 observed, 1 unchanged, 2 gap.
CREATE TABLE poll (
  channel INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT,
  requests INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  PRIMARY KEY (channel, at)
) STRICT, WITHOUT ROWID;

-- A post, repository, story or feed item.
CREATE TABLE item (
  id INTEGER PRIMARY KEY,
  channel INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
  native TEXT NOT NULL,
  kind TEXT NOT NULL,
  url TEXT,
  title TEXT NOT NULL,
  published INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  standing INTEGER NOT NULL,
  gone INTEGER,
  UNIQUE (channel, native)
) STRICT;

-- A counter, whenever it had changed. metric: 0 likes, 1 reshares, 2 replies, 3 quotes, 4 views.
CREATE TABLE reading (
  item INTEGER NOT NULL REFERENCES item (id) ON DELETE CASCADE,
  metric INTEGER NOT NULL,
  at INTEGER NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY (item, metric, at)
) STRICT, WITHOUT ROWID;

-- A standing number of the account, whenever it had changed. name: 0 followers, 1 stars, 2 karma.
CREATE TABLE figure (
  channel INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
  name INTEGER NOT NULL,
  at INTEGER NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY (channel, name, at)
) STRICT, WITHOUT ROWID;

-- A single act known by itself. own: by the account itself, never engagement received.
CREATE TABLE act (
  id INTEGER PRIMARY KEY,
  channel INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
  native TEXT NOT NULL,
  metric INTEGER NOT NULL,
  item INTEGER NOT NULL REFERENCES item (id) ON DELETE CASCADE,
  at INTEGER,
  seen INTEGER NOT NULL,
  own INTEGER NOT NULL,
  actor TEXT,
  UNIQUE (channel, native, metric)
) STRICT;
CREATE INDEX act_item ON act (item);

-- Renamed, moved, hidden.
CREATE TABLE notice (
  channel INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  what TEXT NOT NULL,
  before TEXT,
  after TEXT,
  PRIMARY KEY (channel, at, what)
) STRICT, WITHOUT ROWID;

-- What servers need to answer "not modified".
CREATE TABLE validator (
  channel INTEGER NOT NULL REFERENCES channel (id) ON DELETE CASCADE,
  url TEXT NOT NULL,
  etag TEXT,
  modified TEXT,
  PRIMARY KEY (channel, url)
) STRICT, WITHOUT ROWID;

-- What is left of each server's patience.
CREATE TABLE host (
  host TEXT PRIMARY KEY,
  allowance INTEGER,
  remaining INTEGER,
  reset INTEGER,
  closed_until INTEGER
) STRICT, WITHOUT ROWID;

-- Derived from here on.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- Dated engagement. source: 0 publication, 1 growth, 2 act.
CREATE TABLE ledger (
  item INTEGER NOT NULL REFERENCES item (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  source INTEGER NOT NULL,
  likes INTEGER NOT NULL,
  reshares INTEGER NOT NULL,
  replies INTEGER NOT NULL,
  quotes INTEGER NOT NULL,
  views INTEGER NOT NULL,
  PRIMARY KEY (item, at, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE tally (
  item INTEGER NOT NULL REFERENCES item (id) ON DELETE CASCADE,
  metric INTEGER NOT NULL,
  last INTEGER,
  high INTEGER NOT NULL,
  credited INTEGER NOT NULL,
  acts INTEGER NOT NULL,
  absorbed INTEGER NOT NULL,
  own INTEGER NOT NULL,
  PRIMARY KEY (item, metric)
) STRICT, WITHOUT ROWID;

-- Scores in millionths of a point. channel 0 is the person. tier: 0 minute, 1 hour, 2 day.
CREATE TABLE candle (
  person INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  channel INTEGER NOT NULL,
  tier INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  open INTEGER NOT NULL,
  high INTEGER NOT NULL,
  low INTEGER NOT NULL,
  close INTEGER NOT NULL,
  volume INTEGER NOT NULL,
  readings INTEGER NOT NULL,
  PRIMARY KEY (person, channel, tier, bucket)
) STRICT, WITHOUT ROWID;

-- Changes with their causes.
CREATE TABLE tick (
  person INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  channel INTEGER NOT NULL,
  points REAL NOT NULL,
  cause TEXT NOT NULL,
  PRIMARY KEY (person, at, channel)
) STRICT, WITHOUT ROWID;
