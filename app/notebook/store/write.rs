//! Notes become rows. One note is one transaction.

use crate::answer::Slot;
use crate::micrograph::{Calibration, Region};
use crate::notebook::schema::{ANSWER, FOLDER_SCALE, TIME};
use crate::notebook::{
    Annotation, CategorySource, Facts, FolderScale, Note, NoteId, StopReason, Subject, Turn,
    TurnState,
};
use crate::questions::{Category, Key};
use rusqlite::{Connection, Transaction, TransactionBehavior, named_params, params};
use std::time::SystemTime;

/// Writes one note.
pub(super) fn note(
    connection: &mut Connection,
    subject: &Subject,
    note: &Note,
) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let now = seconds(SystemTime::now());
    let micrograph = see(&transaction, subject, now)?;
    match note {
        Note::Turn(turn) => write_turn(&transaction, micrograph, turn, now)?,
        Note::Category(category) => write_category(&transaction, micrograph, *category, now)?,
        Note::Calibration(calibration) => {
            write_calibration(&transaction, micrograph, calibration.as_ref(), now)?;
        }
        Note::Annotation(annotation) => {
            write_annotation(&transaction, micrograph, annotation, now)?;
        }
        Note::RemoveAnnotation(id) => {
            transaction.execute(
                "DELETE FROM annotation WHERE note = ? AND micrograph = ?",
                params![id.0, micrograph],
            )?;
        }
        Note::FolderScale(scale) => write_folder_scale(&transaction, scale, now)?,
        Note::ForgetTurns => {
            transaction.execute("DELETE FROM turn WHERE micrograph = ?", [micrograph])?;
        }
    }
    drop_if_bare(&transaction, micrograph)?;
    transaction.commit()?;
    if matches!(note, Note::ForgetTurns) {
        // Empties the log, which holds older copies. Another window that reads may be in the
        // way; then the log is emptied later.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    }
    Ok(())
}

/// Seconds since 1970, for [`TIME`].
fn seconds(time: SystemTime) -> f64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs_f64()
}

/// The row of a micrograph, made where there is none, with the name it is seen under now.
fn see(transaction: &Transaction<'_>, subject: &Subject, now: f64) -> rusqlite::Result<i64> {
    let path = subject.path.as_ref().map(|path| path.to_string_lossy());
    transaction.query_row(
        &format!(
            "INSERT INTO micrograph (hash, name, path, noted) VALUES (?, ?, ?, {TIME})
             ON CONFLICT (hash) DO UPDATE
             SET name = excluded.name, path = excluded.path, noted = excluded.noted
             RETURNING id"
        ),
        params![subject.hash, subject.name, path, now],
        |row| row.get(0),
    )
}

/// Removes the row of a micrograph about which nothing is noted.
fn drop_if_bare(transaction: &Transaction<'_>, micrograph: i64) -> rusqlite::Result<()> {
    transaction.execute(
        "DELETE FROM micrograph WHERE id = ?1 AND category IS NULL AND x_nm IS NULL
         AND NOT EXISTS (SELECT 1 FROM turn WHERE micrograph = ?1)
         AND NOT EXISTS (SELECT 1 FROM annotation WHERE micrograph = ?1)",
        [micrograph],
    )?;
    Ok(())
}

fn write_turn(
    transaction: &Transaction<'_>,
    micrograph: i64,
    turn: &Turn,
    now: f64,
) -> rusqlite::Result<()> {
    let (state, reason) = state_words(&turn.state);
    let facts = match &turn.state {
        TurnState::Answered(facts) => Some(facts),
        _ => None,
    };
    let number = |get: fn(&Facts) -> f64| facts.map(get);
    let share = |get: fn(&Facts) -> Option<f32>| facts.and_then(get).filter(|s| s.is_finite());
    let warnings = facts.map(|facts| serde_json::Value::from(facts.warnings.clone()).to_string());
    transaction.execute(
        &format!(
            "INSERT INTO turn (note, micrograph, asked, changed, key, typed, region_px, category, category_by,
                text, state, reason, match_score, confidence, encode_ms, first_token_ms, total_ms,
                model, device, warnings)
             VALUES (:note, :micrograph, {asked}, {changed}, :key, :typed, :region_px, :category, :category_by,
                :text, :state, :reason, :match_score, :confidence, :encode_ms, :first_token_ms,
                :total_ms, :model, :device, :warnings)
             ON CONFLICT (note) DO UPDATE SET
                changed = excluded.changed, category = excluded.category,
                category_by = excluded.category_by, text = excluded.text, state = excluded.state,
                reason = excluded.reason, match_score = excluded.match_score,
                confidence = excluded.confidence, encode_ms = excluded.encode_ms,
                first_token_ms = excluded.first_token_ms, total_ms = excluded.total_ms,
                model = excluded.model, device = excluded.device, warnings = excluded.warnings",
            asked = TIME.replace('?', ":asked"),
            changed = TIME.replace('?', ":now"),
        ),
        named_params! {
            ":note": turn.id.0,
            ":micrograph": micrograph,
            ":asked": seconds(turn.asked),
            ":now": now,
            ":key": turn.key.map(Key::name),
            ":typed": turn.typed,
            ":region_px": turn.region.map(region_text),
            ":category": turn.category.map(|(category, _)| category.name()),
            ":category_by": turn.category.map(|(_, source)| source_word(source)),
            ":text": turn.text,
            ":state": state,
            ":reason": reason,
            ":match_score": share(|facts| facts.match_score),
            ":confidence": share(|facts| facts.confidence),
            ":encode_ms": number(|facts| facts.timing.encode_ms),
            ":first_token_ms": number(|facts| facts.timing.first_token_ms),
            ":total_ms": number(|facts| facts.timing.total_ms),
            ":model": facts.map(|facts| &facts.by.model),
            ":device": facts.map(|facts| &facts.by.device),
            ":warnings": warnings,
        },
    )?;
    write_answer(transaction, turn.id, facts)
}

/// What an answer holds besides its row, where it holds anything.
fn write_answer(
    transaction: &Transaction<'_>,
    turn: NoteId,
    facts: Option<&Facts>,
) -> rusqlite::Result<()> {
    let holds = |facts: &&Facts| {
        let has_parts = !facts.slots.is_empty() || !facts.sentences.is_empty();
        has_parts || !facts.text_with_slots.is_empty()
    };
    let Some(facts) = facts.filter(holds) else {
        if has_table(transaction, "answer")? {
            transaction.execute("DELETE FROM answer WHERE note = ?", [turn.0])?;
        }
        return Ok(());
    };
    transaction.execute_batch(ANSWER)?;
    transaction.execute(
        "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?)",
        params![
            turn.0,
            facts.text_with_slots,
            slots_text(&facts.slots),
            serde_json::json!(facts.sentences).to_string()
        ],
    )?;
    Ok(())
}

/// The numbers of a slot that have to come back to the last bit.
pub(super) const EXACT: [&str; 2] = ["value", "uncertainty"];

/// Slots as JSON. Their numbers are text there, since whoever reads JSON may round numbers.
fn slots_text(slots: &[Slot]) -> String {
    let mut json = serde_json::json!(slots);
    for slot in json.as_array_mut().into_iter().flatten() {
        for name in EXACT {
            if let Some(number) = slot.get_mut(name)
                && let Some(exact) = number.as_f64()
            {
                *number = format!("{exact:?}").into();
            }
        }
    }
    json.to_string()
}

/// Whether a table that is made when it is first needed is there.
pub(super) fn has_table(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    let tables = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?";
    connection.query_row(tables, [name], |row| Ok(row.get::<_, i64>(0)? > 0))
}

/// Left, top, width and height, as JSON.
fn region_text(region: Region) -> String {
    let ([left, top], [width, height]) = (region.corner(), region.size());
    serde_json::json!([left, top, width, height]).to_string()
}

/// The words for a state and its reason.
fn state_words(state: &TurnState) -> (&'static str, Option<&str>) {
    match state {
        TurnState::Open => ("open", None),
        TurnState::Answered(_) => ("answered", None),
        TurnState::Stopped(reason) => ("stopped", Some(reason_word(*reason))),
        TurnState::Failed(sentence) => ("failed", Some(sentence)),
        TurnState::Declined(sentence) => ("declined", Some(sentence)),
    }
}

/// The word in the table for why an answer ended early.
pub(super) fn reason_word(reason: StopReason) -> &'static str {
    match reason {
        StopReason::User => "user",
        StopReason::NewerImage => "newer image",
        StopReason::Closed => "closed",
        StopReason::Unfinished => "unfinished",
    }
}

/// The word in the table for where a category comes from.
pub(super) fn source_word(source: CategorySource) -> &'static str {
    match source {
        CategorySource::Predicted => "predicted",
        CategorySource::User => "user",
    }
}

fn write_category(
    transaction: &Transaction<'_>,
    micrograph: i64,
    category: Option<Category>,
    now: f64,
) -> rusqlite::Result<()> {
    transaction.execute(
        &format!("UPDATE micrograph SET category = ?, category_set = {TIME} WHERE id = ?"),
        params![
            category.map(Category::name),
            category.map(|_| now),
            micrograph
        ],
    )?;
    Ok(())
}

fn write_calibration(
    transaction: &Transaction<'_>,
    micrograph: i64,
    calibration: Option<&Calibration>,
    now: f64,
) -> rusqlite::Result<()> {
    transaction.execute(
        &format!(
            "UPDATE micrograph SET x_nm = ?, y_nm = ?, calibrated_from = ?, calibration_set = {TIME}
             WHERE id = ?"
        ),
        params![
            calibration.map(|calibration| calibration.x_nm),
            calibration.map(|calibration| calibration.y_nm),
            calibration.map(|calibration| &calibration.from),
            calibration.map(|_| now),
            micrograph
        ],
    )?;
    Ok(())
}

fn write_folder_scale(
    transaction: &Transaction<'_>,
    scale: &FolderScale,
    now: f64,
) -> rusqlite::Result<()> {
    transaction.execute_batch(FOLDER_SCALE)?;
    let [width, height] = scale.size_px;
    match &scale.calibration {
        Some(calibration) => transaction.execute(
            &format!("INSERT OR REPLACE INTO folder_scale VALUES (?, ?, ?, ?, ?, ?, {TIME})"),
            params![
                scale.folder,
                width,
                height,
                calibration.x_nm,
                calibration.y_nm,
                calibration.from,
                now
            ],
        )?,
        None => transaction.execute(
            "DELETE FROM folder_scale WHERE folder = ? AND width_px = ? AND height_px = ?",
            params![scale.folder, width, height],
        )?,
    };
    Ok(())
}

fn write_annotation(
    transaction: &Transaction<'_>,
    micrograph: i64,
    annotation: &Annotation,
    now: f64,
) -> rusqlite::Result<()> {
    let points = serde_json::json!(annotation.points_px).to_string();
    transaction.execute(
        &format!(
            "INSERT INTO annotation (note, micrograph, changed, kind, points_px, label, details)
             VALUES (?, ?, {TIME}, ?, ?, ?, ?)
             ON CONFLICT (note) DO UPDATE SET changed = excluded.changed, kind = excluded.kind,
                points_px = excluded.points_px, label = excluded.label,
                details = excluded.details"
        ),
        params![
            annotation.id.0,
            micrograph,
            now,
            annotation.kind,
            points,
            annotation.label,
            annotation.details.to_string()
        ],
    )?;
    Ok(())
}
