//! Rows become notes. A row that makes no sense is left out; it never takes others with it.

use super::write::{reason_word, source_word};
use crate::answer::{Description, Timing};
use crate::micrograph::{Calibration, Region, Source};
use crate::notebook::{
    Annotation, CategorySource, Facts, FolderScale, NoteId, Notes, StopReason, Turn, TurnState,
};
use crate::questions::{Category, Key};
use rusqlite::{Connection, OptionalExtension, Row};
use std::time::{Duration, SystemTime};

/// Everything noted about a micrograph, beside the scales of folders; nothing where it is not
/// known.
pub(super) fn notes(connection: &Connection, hash: &str) -> rusqlite::Result<Notes> {
    // One transaction: all of it is from the same moment, whatever another window writes.
    let transaction = connection.unchecked_transaction()?;
    let found = transaction
        .query_row(
            "SELECT id, category, x_nm, y_nm, calibrated_from FROM micrograph WHERE hash = ?",
            [hash],
            |row| {
                Ok((
                    row.get("id")?,
                    row.get::<_, Option<String>>("category")?,
                    calibration(row)?,
                ))
            },
        )
        .optional()?;
    let folder_scales = folder_scales(&transaction)?;
    let Some((micrograph, category, calibration)) = found else {
        return Ok(Notes {
            folder_scales,
            ..Notes::default()
        });
    };
    Ok(Notes {
        category: category.and_then(|name| name.parse().ok()),
        calibration,
        turns: rows(&transaction, TURNS, micrograph, turn)?,
        annotations: rows(&transaction, ANNOTATIONS, micrograph, annotation)?,
        folder_scales,
    })
}

/// The scales of all folders. Not every notebook has the table.
fn folder_scales(connection: &Connection) -> rusqlite::Result<Vec<FolderScale>> {
    let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'folder_scale'";
    if connection.query_row(tables, [], |row| row.get(0)) == Ok(0) {
        return Ok(Vec::new());
    }
    let all = "SELECT * FROM folder_scale WHERE ? ORDER BY folder, width_px, height_px";
    rows(connection, all, 1, |row| {
        let calibration = calibration(row)?;
        Ok(calibration.is_some().then_some(FolderScale {
            folder: row.get("folder")?,
            size_px: [row.get("width_px")?, row.get("height_px")?],
            calibration,
        }))
    })
}

const TURNS: &str = "SELECT *, unixepoch(asked, 'subsec') AS asked_s FROM turn
    WHERE micrograph = ? ORDER BY asked, id";
const ANNOTATIONS: &str = "SELECT * FROM annotation WHERE micrograph = ? ORDER BY id";

fn rows<T>(
    connection: &Connection,
    query: &str,
    micrograph: i64,
    read: fn(&Row<'_>) -> rusqlite::Result<Option<T>>,
) -> rusqlite::Result<Vec<T>> {
    let mut statement = connection.prepare(query)?;
    let found = statement.query_map([micrograph], read)?;
    let sensible = found.filter_map(|row| match row {
        // A value of the wrong kind, such as text that is no text; not a fault of the file.
        Err(error) if error.sqlite_error_code().is_none() => None,
        row => row.transpose(),
    });
    sensible.collect()
}

fn calibration(row: &Row<'_>) -> rusqlite::Result<Option<Calibration>> {
    let (x_nm, y_nm): (Option<f64>, Option<f64>) = (row.get("x_nm")?, row.get("y_nm")?);
    let from: Option<String> = row.get("calibrated_from")?;
    Ok(x_nm.zip(y_nm).and_then(|(x_nm, y_nm)| {
        Calibration::new(x_nm, y_nm, Source::User, from.unwrap_or_default())
    }))
}

fn turn(row: &Row<'_>) -> rusqlite::Result<Option<Turn>> {
    let key: Option<String> = row.get("key")?;
    let key: Option<Key> = key.and_then(|name| name.parse().ok());
    let typed: Option<String> = row.get("typed")?;
    let asked_s: Option<f64> = row.get("asked_s")?;
    let Some((state, asked)) = state(row)?.zip(asked_s.and_then(time)) else {
        return Ok(None);
    };
    if key.is_none() && typed.is_none() {
        return Ok(None);
    }
    Ok(Some(Turn {
        id: NoteId(row.get("note")?),
        asked,
        key,
        typed,
        region: region(row)?,
        category: category(row)?,
        text: row.get("text")?,
        state,
    }))
}

fn region(row: &Row<'_>) -> rusqlite::Result<Option<Region>> {
    let text: Option<String> = row.get("region_px")?;
    let sides: Option<[u32; 4]> = text.and_then(|json| serde_json::from_str(&json).ok());
    // It was inside its micrograph when it was asked about.
    let whole = [u32::MAX; 2];
    Ok(sides
        .and_then(|[left, top, width, height]| Region::new([left, top], [width, height], whole)))
}

fn time(seconds: f64) -> Option<SystemTime> {
    let since = Duration::from_millis((seconds * 1000.0).round() as u64);
    SystemTime::UNIX_EPOCH.checked_add(since)
}

fn state(row: &Row<'_>) -> rusqlite::Result<Option<TurnState>> {
    let state: String = row.get("state")?;
    let reason: Option<String> = row.get("reason")?;
    Ok(match (state.as_str(), reason) {
        ("open", _) => Some(TurnState::Stopped(StopReason::Unfinished)),
        ("answered", _) => Some(TurnState::Answered(facts(row)?)),
        ("stopped", Some(word)) => [
            StopReason::User,
            StopReason::NewerImage,
            StopReason::Closed,
            StopReason::Unfinished,
        ]
        .into_iter()
        .find(|reason| reason_word(*reason) == word)
        .map(TurnState::Stopped),
        ("failed", Some(sentence)) => Some(TurnState::Failed(sentence)),
        ("declined", Some(sentence)) => Some(TurnState::Declined(sentence)),
        _ => None,
    })
}

fn category(row: &Row<'_>) -> rusqlite::Result<Option<(Category, CategorySource)>> {
    let name: Option<String> = row.get("category")?;
    let by: Option<String> = row.get("category_by")?;
    let source = [CategorySource::Predicted, CategorySource::User]
        .into_iter()
        .find(|source| by.as_deref() == Some(source_word(*source)));
    Ok(name.and_then(|name| name.parse().ok()).zip(source))
}

fn facts(row: &Row<'_>) -> rusqlite::Result<Facts> {
    let number = |name: &str| {
        row.get::<_, Option<f64>>(name)
            .map(Option::unwrap_or_default)
    };
    let word = |name: &str| {
        row.get::<_, Option<String>>(name)
            .map(Option::unwrap_or_default)
    };
    let warnings: Option<String> = row.get("warnings")?;
    Ok(Facts {
        text_with_slots: String::new(),
        slots: Vec::new(),
        sentences: Vec::new(),
        match_score: row.get("match_score")?,
        confidence: row.get("confidence")?,
        timing: Timing {
            encode_ms: number("encode_ms")?,
            first_token_ms: number("first_token_ms")?,
            total_ms: number("total_ms")?,
        },
        warnings: warnings
            .and_then(|json| serde_json::from_str(&json).ok())
            .unwrap_or_default(),
        by: Description {
            model: word("model")?,
            device: word("device")?,
            fallback: None,
        },
    })
}

fn annotation(row: &Row<'_>) -> rusqlite::Result<Option<Annotation>> {
    let points: String = row.get("points_px")?;
    let details: String = row.get("details")?;
    let points = serde_json::from_str(&points).ok();
    let Some((points_px, details)) = points.zip(serde_json::from_str(&details).ok()) else {
        return Ok(None);
    };
    Ok(Some(Annotation {
        id: NoteId(row.get("note")?),
        kind: row.get("kind")?,
        points_px,
        label: row.get("label")?,
        details,
    }))
}
