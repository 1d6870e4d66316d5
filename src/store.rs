//! What is kept: one SQLite file in the data directory, written by one process at a time.
//!
//! Observations, gaps and poll outcomes are the truth. Ledgers, scores and candles are derived from them
//! and can be rebuilt. The file is in write-ahead mode: a crash loses nothing that was committed, and
//! readers never wait for the writer.

mod lock;
mod purse;
mod report;
mod rows;
mod schema;

pub use lock::Lock;
pub use purse::{Purse, Reserved, month_of, next_month};
pub use report::PollReport;
pub use rows::{
    Ending, Fired, LastPoll, Membership, NewItem, PollRow, Replay, Rows, StoredChannel, StoredItem,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// `application_id` of the file: "clou".
const APPLICATION: i32 = 0x636c_6f75;

/// Why the store cannot be used. Nothing was changed in any of these cases.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the data folder is in use by another cloutop{}", pid.map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    Locked { pid: Option<u32> },
    #[error(
        "the store was written by a newer cloutop (schema {found}, this one knows {known}); nothing was changed"
    )]
    Newer { found: u32, known: u32 },
    #[error(
        "the store was written by an older cloutop (schema {found}, this one writes {known}) and is upgraded by: \
         cloutop poll --once"
    )]
    Older { found: u32, known: u32 },
    #[error("{} is damaged or not a cloutop store: {what}; nothing was changed", path.display())]
    Damaged { path: PathBuf, what: String },
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: std::io::Error },
    #[error("there is no store at {} yet", .0.display())]
    Missing(PathBuf),
    #[error("the store: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

pub type Result<T> = std::result::Result<T, StoreError>;

#[derive(Debug)]
pub struct Database {
    connection: Connection,
}

impl Database {
    /// A store that lives and dies with the process.
    pub fn in_memory() -> Result<Self> {
        let mut connection = Connection::open_in_memory()?;
        connection.pragma_update(None, "foreign_keys", true)?;
        schema::migrate(&mut connection, 0)?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self { connection })
    }

    /// Opens the store for writing, creating or upgrading it. The lock says that no other process writes.
    pub fn open(path: &Path, _lock: &Lock) -> Result<Self> {
        let version = peek(path)?;
        let connection = Connection::open(path).map_err(|error| explain(path, error))?;
        Self::prepare(connection, path, version.unwrap_or(0))
    }

    /// Opens the store for reading, beside whoever writes.
    pub fn open_read_only(path: &Path) -> Result<Self> {
        Self::beside(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
    }

    /// Opens the store for a note beside whoever polls: short transactions on rows that no poll touches.
    pub fn open_beside(path: &Path) -> Result<Self> {
        let database = Self::beside(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        database.connection.pragma_update(None, "foreign_keys", true)?;
        Ok(database)
    }

    fn beside(path: &Path, access: OpenFlags) -> Result<Self> {
        match peek(path)? {
            None | Some(0) => return Err(StoreError::Missing(path.to_owned())),
            Some(found) if found < schema::NEWEST => {
                return Err(StoreError::Older { found, known: schema::NEWEST });
            }
            Some(_) => {}
        }
        let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|error| explain(path, error))?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self { connection })
    }

    fn prepare(mut connection: Connection, path: &Path, version: u32) -> Result<Self> {
        let setup = (|| {
            connection.busy_timeout(Duration::from_secs(5))?;
            connection.pragma_update(None, "journal_mode", "wal")?;
            connection.pragma_update(None, "synchronous", "normal")?;
            connection.pragma_update(None, "foreign_keys", true)?;
            connection.pragma_update(None, "application_id", APPLICATION)?;
            // The write-ahead file is cut back to this after a checkpoint.
            connection.pragma_update(None, "journal_size_limit", 4_000_000)?;
            connection.set_prepared_statement_cache_capacity(64);
            schema::migrate(&mut connection, version)
        })();
        setup.map_err(|error| explain(path, error))?;
        Ok(Self { connection })
    }

    pub fn rows(&self) -> Rows<'_> {
        Rows::new(&self.connection)
    }

    /// Runs `work` whole or not at all. Nobody writes between what it reads and what it writes.
    pub fn transaction<T>(&mut self, work: impl FnOnce(&Rows<'_>) -> Result<T>) -> Result<T> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&Rows::new(&transaction))?;
        transaction.commit()?;
        Ok(done)
    }

    /// Checks the file's structure; `Ok` holds what is wrong with it.
    pub fn check(&self) -> Result<Vec<String>> {
        let mut statement = self.connection.prepare("PRAGMA quick_check(20)")?;
        let lines: Vec<String> =
            statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }

    /// Gives back the space of what was deleted.
    pub fn compact(&self) -> Result<()> {
        self.connection.execute_batch("PRAGMA optimize; VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")?;
        Ok(())
    }
}

/// The schema version in the file's header, without opening it as a database: a file from a newer version
/// or of another kind is not touched. `None` when there is no file, or an empty one.
fn peek(path: &Path) -> Result<Option<u32>> {
    let mut header = [0u8; 100];
    let io = |error| StoreError::Io { path: path.to_owned(), error };
    let damaged = |what: &str| StoreError::Damaged { path: path.to_owned(), what: what.to_owned() };
    let mut file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
    };
    if file.metadata().map_err(io)?.len() == 0 {
        return Ok(None);
    }
    file.read_exact(&mut header).map_err(|_too_short| damaged("it is too short"))?;
    if !header.starts_with(b"SQLite format 3\0") {
        return Err(damaged("it is not an SQLite file"));
    }
    let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let (version, application) = (number(60), number(68));
    // A crash may have left the header of a store unwritten, with everything in the write-ahead file.
    if application != APPLICATION.cast_unsigned() && application != 0 {
        return Err(damaged("it belongs to another program"));
    }
    if version > schema::NEWEST {
        return Err(StoreError::Newer { found: version, known: schema::NEWEST });
    }
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let version: u32 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(|error| explain(path, error))?;
    if version > schema::NEWEST {
        return Err(StoreError::Newer { found: version, known: schema::NEWEST });
    }
    Ok(Some(version))
}

fn explain(path: &Path, error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            StoreError::Damaged { path: path.to_owned(), what: error.to_string() }
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Locked { pid: None },
        _ => StoreError::Sqlite(error),
    }
}
