//! Rows become notes. A row that makes no sense is left out; it never takes others with it.

use super::write::{EXACT, has_table, reason_word, source_word};
use crate::answer::{Description, Sentence, Slot, Timing};
use crate::micrograph::{Calibration, Region, Source};
use crate::notebook::{
    Annotation, CategorySource, Facts, FolderScale, NoteId, Notes, StopReason, Turn, TurnState,
};
use crate::questions::{Category, Key};
use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::Value;
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
    let turns = match has_answers(&transaction)? {
        true => TURNS_WITH_ANSWERS,
        false => TURNS,
    };
    let Some((micrograph, category, calibration)) = found else {
        return Ok(Notes {
            folder_scales,
            ..Notes::default()
        });
    };
    Ok(Notes {
        category: category.and_then(|name| name.parse().ok()),
        calibration,
        turns: rows(&transaction, turns, micrograph, turn)?,
        annotations: rows(&transaction, ANNOTATIONS, micrograph, annotation)?,
        folder_scales,
    })
}

/// Whether there is a table of what answers hold, and it is like ours.
fn has_answers(connection: &Connection) -> rusqlite::Result<bool> {
    let columns = "SELECT count(*) FROM pragma_table_info('answer')
        WHERE name IN ('note', 'text_with_slots', 'slots', 'sentences')";
    connection.query_row(columns, [], |row| Ok(row.get::<_, i64>(0)? == 4))
}

/// The scales of all folders. Not every notebook has the table.
fn folder_scales(connection: &Connection) -> rusqlite::Result<Vec<FolderScale>> {
    if !has_table(connection, "folder_scale")? {
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

const TURNS: &str = "SELECT *, unixepoch(asked, 'subsec') AS asked_s,
    NULL AS text_with_slots, NULL AS slots, NULL AS sentences
    FROM turn WHERE micrograph = ? ORDER BY asked, id";
/// The same in a notebook that has the table of what answers hold.
const TURNS_WITH_ANSWERS: &str = "SELECT turn.*, unixepoch(asked, 'subsec') AS asked_s,
    answer.text_with_slots, answer.slots, answer.sentences
    FROM turn LEFT JOIN answer ON answer.note = turn.note
    WHERE micrograph = ? ORDER BY asked, turn.id";
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
        text_with_slots: lenient(row, "text_with_slots").unwrap_or_default(),
        slots: slots(row).unwrap_or_default(),
        sentences: sentences(row).unwrap_or_default(),
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

/// A text without which the answer still stands.
fn lenient(row: &Row<'_>, column: &str) -> Option<String> {
    row.get::<_, Option<String>>(column).ok().flatten()
}

/// None where the text is no list of slots.
fn slots(row: &Row<'_>) -> Option<Vec<Slot>> {
    let mut json: Value = serde_json::from_str(&lenient(row, "slots")?).ok()?;
    for slot in json.as_array_mut()? {
        for name in EXACT {
            if let Some(number) = slot.get_mut(name)
                && let Some(exact) = number.as_str()
            {
                *number = exact.parse::<f64>().ok()?.into();
            }
        }
    }
    serde_json::from_value(json).ok()
}

/// None where the text is no list of sentences.
fn sentences(row: &Row<'_>) -> Option<Vec<Sentence>> {
    serde_json::from_str(&lenient(row, "sentences")?).ok()
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
