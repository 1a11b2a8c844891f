//! The tables of the notebook and the version they carry.
//!
//! A file names its format in SQLite's `user_version` and that it is ours in `application_id`.
//! Times are text: UTC, ISO 8601, to the millisecond. Called by `store` alone.

use rusqlite::{Connection, TransactionBehavior};

/// The format this program reads and writes.
pub(super) const VERSION: i64 = 1;

/// "AskN", in the header of every notebook.
const APPLICATION_ID: i64 = 0x4173_6b4e;

/// How a time is written; its argument is seconds since 1970.
pub(super) const TIME: &str = "strftime('%Y-%m-%dT%H:%M:%fZ', ?, 'unixepoch')";

const TABLES: &str = "
    CREATE TABLE micrograph (
        id INTEGER PRIMARY KEY,
        hash TEXT NOT NULL UNIQUE,          -- BLAKE3 of the file, hex
        name TEXT NOT NULL,                 -- last seen under
        path TEXT,                          -- last read from
        noted TEXT NOT NULL,                -- when something was last written about it
        category TEXT,                      -- set by the user
        category_set TEXT,
        x_nm REAL, y_nm REAL,               -- size of a pixel, set or confirmed by the user
        calibrated_from TEXT,
        calibration_set TEXT
    ) STRICT;
    CREATE TABLE turn (
        id INTEGER PRIMARY KEY,
        note INTEGER NOT NULL UNIQUE,       -- the session's name for it
        micrograph INTEGER NOT NULL REFERENCES micrograph (id),
        asked TEXT NOT NULL,
        changed TEXT NOT NULL,
        key TEXT,                           -- such as size.range; null where typed words were declined
        typed TEXT,
        region_px TEXT,                     -- JSON, [left, top, width, height]; null for the whole
        category TEXT,                      -- the question was asked with
        category_by TEXT CHECK (category_by IN ('predicted', 'user')),
        text TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('open', 'answered', 'stopped', 'failed', 'declined')),
        reason TEXT,                        -- of stopped: a word; of failed and declined: a sentence
        match_score REAL, confidence REAL,
        encode_ms REAL, first_token_ms REAL, total_ms REAL,
        model TEXT, device TEXT,
        warnings TEXT                       -- JSON, a list of sentences
    ) STRICT;
    CREATE INDEX turn_of_micrograph ON turn (micrograph, asked);
    CREATE TABLE annotation (
        id INTEGER PRIMARY KEY,
        note INTEGER NOT NULL UNIQUE,
        micrograph INTEGER NOT NULL REFERENCES micrograph (id),
        changed TEXT NOT NULL,
        kind TEXT NOT NULL,
        points_px TEXT NOT NULL,            -- JSON, a list of [x, y] in pixels of the micrograph
        label TEXT NOT NULL,
        details TEXT NOT NULL               -- JSON, what else the tool keeps
    ) STRICT;
    CREATE INDEX annotation_of_micrograph ON annotation (micrograph, id);
";

/// A table that a notebook has once there is something to put into it: those of earlier versions
/// of this format lack it, and earlier programs pass over it.
pub(super) const FOLDER_SCALE: &str = "
    CREATE TABLE IF NOT EXISTS folder_scale (
        folder TEXT NOT NULL,
        width_px INTEGER NOT NULL, height_px INTEGER NOT NULL,   -- of the micrographs it holds for
        x_nm REAL NOT NULL, y_nm REAL NOT NULL,
        calibrated_from TEXT NOT NULL,
        calibration_set TEXT NOT NULL,
        PRIMARY KEY (folder, width_px, height_px)
    ) STRICT;
";

/// What an answer holds besides its row in `turn`; a table that is made when it is first needed, for
/// the same reason. Programs that do not know it delete its rows with those of `turn`.
pub(super) const ANSWER: &str = "
    CREATE TABLE IF NOT EXISTS answer (
        note INTEGER PRIMARY KEY REFERENCES turn (note) ON DELETE CASCADE,
        text_with_slots TEXT NOT NULL,      -- as the model wrote it
        slots TEXT NOT NULL,                -- JSON, a list of slots; their numbers are text
        sentences TEXT NOT NULL             -- JSON, a list of {place, with_slots, fits}
    ) STRICT;
";

/// What kind of file was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A notebook of our format.
    Ours,
    /// A notebook of a later format, with its number.
    Newer(i64),
    /// Some other database, or one whose content is spoilt.
    Spoilt,
}

/// Makes the tables where there are none yet and says what the file is. Writes to no file that
/// has tables.
pub(super) fn prepare(connection: &mut Connection) -> rusqlite::Result<Kind> {
    if number(connection, "SELECT count(*) FROM sqlite_schema")? == 0 {
        make_tables(connection)?;
    }
    if number(connection, "PRAGMA application_id")? != APPLICATION_ID {
        return Ok(Kind::Spoilt);
    }
    match number(connection, "PRAGMA user_version")? {
        VERSION => {}
        newer if newer > VERSION => return Ok(Kind::Newer(newer)),
        _ => return Ok(Kind::Spoilt),
    }
    let word: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok(if word == "ok" {
        Kind::Ours
    } else {
        Kind::Spoilt
    })
}

fn make_tables(connection: &mut Connection) -> rusqlite::Result<()> {
    // Immediate, so that of two windows started at once only one makes them.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if number(&transaction, "SELECT count(*) FROM sqlite_schema")? == 0 {
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()
}

fn number(connection: &Connection, query: &str) -> rusqlite::Result<i64> {
    connection.query_row(query, [], |row| row.get(0))
}
