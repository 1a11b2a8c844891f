//! Lines of print and panel letters on the specimen.
//!
//! Pieces of ink that stand side by side like letters are read, and what cannot be read with
//! certainty is specimen. A panel letter is one in a corner. Called by `mod`.

use super::ink::{Ink, Piece};
use super::place::Place;
use crate::micrograph::scale_bar::{Plane, read_print};

/// The smallest height of a letter, in pixels, and the largest as a part of the image's.
const SMALLEST: usize = 7;
const TALLEST: f32 = 0.14;
/// The part of a letter's outline that is sharp, and the part of its box that is ink.
const SHARP: f32 = 0.6;
const FILLED: [f32; 2] = [0.1, 0.9];
/// The widest gap within a line, as a part of the height of its letters.
const WIDEST_GAP: f32 = 1.1;
/// How sure the reader must be of a line, and of a panel letter.
const SURE: f32 = 0.8;
const SURE_OF_ONE: f32 = 0.85;
/// Letters of a line; fewer are a panel letter, or nothing.
const LETTERS: usize = 4;
/// How far from the edges a panel letter stands at most, as a part of the sides.
const CORNER: f32 = 0.22;
/// Letters and lines looked at in one image and ink.
const MOST_LETTERS: usize = 1500;
const MOST_LINES: usize = 28;
/// The smallest height of a panel letter, as a part of the image's longer side.
const SMALLEST_LETTER: f32 = 0.016;

/// A line of letters.
struct Line {
    place: Place,
    tall: usize,
    letters: usize,
    sharp: f32,
}

/// The places of print.
pub fn words(plane: Plane, ink: &Ink, pieces: &[&Piece]) -> Vec<Place> {
    let tallest = (plane.height() as f32 * TALLEST) as usize;
    let mut letters: Vec<&Piece> = pieces
        .iter()
        .copied()
        .filter(|piece| is_letter(piece, tallest))
        .collect();
    if letters.len() > MOST_LETTERS {
        letters.sort_by(|a, b| b.sharp.total_cmp(&a.sharp).then(a.place.cmp(&b.place)));
        letters.truncate(MOST_LETTERS);
    }
    letters.sort_by_key(|piece| piece.place);
    let mut lines = lines(&letters);
    lines.sort_by(|a, b| {
        let rank = |line: &Line| (line.letters as f32 + 0.5) * line.sharp;
        rank(b).total_cmp(&rank(a)).then(a.place.cmp(&b.place))
    });
    let size = [plane.width(), plane.height()];
    let (certain, short): (Vec<&Line>, Vec<&Line>) = lines
        .iter()
        .partition(|line| line.letters >= LETTERS || is_in_corner(plane, line));
    let certain: Vec<&Line> = certain
        .into_iter()
        .take(MOST_LINES)
        .filter(|line| is_print(plane, ink, line, pieces))
        .collect();
    // Short words are print where longer ones of their size stand beside them.
    let beside = |line: &&&Line| certain.iter().any(|print| print.is_beside(line));
    let short = short.iter().filter(beside).take(MOST_LINES);
    let short: Vec<&Line> = short
        .filter(|line| {
            read_print(plane, line.place.rect(), ink.is_dark).is_some_and(|p| p.sure >= SURE)
        })
        .copied()
        .collect();
    let all = certain.into_iter().chain(short);
    all.map(|line| with_dots(line, pieces, size)).collect()
}

impl Line {
    /// Whether a line of the same size stands on the same rows, or on the next.
    fn is_beside(&self, other: &Self) -> bool {
        let is_like = other.tall * 10 >= self.tall * 7 && other.tall * 10 <= self.tall * 13;
        let rows = self.place.y0.max(other.place.y0);
        let apart = rows.saturating_sub(self.place.y1.min(other.place.y1));
        let near = self.place.gap_to(&other.place) <= 8 * self.tall;
        self.letters >= LETTERS && is_like && near && apart <= self.tall * 3 / 2
    }
}

fn is_letter(piece: &Piece, tallest: usize) -> bool {
    let place = &piece.place;
    let filled = piece.area as f32 / place.area().max(1) as f32;
    (SMALLEST..=tallest).contains(&place.height())
        && place.width() <= place.height() * 5
        && (FILLED[0]..=FILLED[1]).contains(&filled)
        && piece.sharp >= SHARP
}

/// Joins letters from left to right.
fn lines(letters: &[&Piece]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for piece in letters {
        let place = &piece.place;
        let joins = |line: &&mut Line| {
            let tall = line.tall.max(place.height().min(line.tall * 7 / 5));
            line.place.gap_to(place) as f32 <= WIDEST_GAP * tall as f32
                && line.place.common_rows(place) * 2 >= place.height().min(line.place.height())
                && place.height() * 5 >= line.tall * 2
                && place.height() * 10 <= line.tall * 19
        };
        match lines.iter_mut().find(joins) {
            Some(line) => {
                line.place = line.place.with(place);
                line.tall = line.tall.max(place.height());
                line.sharp =
                    (line.sharp * line.letters as f32 + piece.sharp) / (line.letters + 1) as f32;
                line.letters += 1;
            }
            None => lines.push(Line {
                place: *place,
                tall: place.height(),
                letters: 1,
                sharp: piece.sharp,
            }),
        }
    }
    lines
}

fn is_in_corner(plane: Plane, line: &Line) -> bool {
    let near = |start: usize, end: usize, side: usize| {
        let reach = CORNER * side as f32;
        (start as f32) < reach && (end as f32) < reach * 1.3
            || (side.saturating_sub(end) as f32) < reach
                && (side.saturating_sub(start) as f32) < reach * 1.3
    };
    near(line.place.x0, line.place.x1, plane.width())
        && near(line.place.y0, line.place.y1, plane.height())
}

/// Whether a line can be read.
fn is_print(plane: Plane, ink: &Ink, line: &Line, pieces: &[&Piece]) -> bool {
    let Some(print) = read_print(plane, line.place.rect(), ink.is_dark) else {
        return false;
    };
    let read = print.text.chars().count();
    if line.letters >= LETTERS {
        // A line that is read from its beginning alone has more letters than were read.
        let whole = line.place.width() * 10 <= line.place.height() * 110;
        let is_as_long = !whole || read * 10 >= line.letters * 6;
        let is_text = print.text.chars().filter(|c| c.is_alphanumeric()).count() * 2 >= read;
        return print.sure >= SURE && is_as_long && is_text && read >= 3;
    }
    print.sure >= SURE_OF_ONE
        && line.sharp >= 0.75
        && !line.place.touches_edge([plane.width(), plane.height()])
        && line.tall as f32 >= SMALLEST_LETTER * plane.width().max(plane.height()) as f32
        && is_panel_letter(&print.text)
        && stands_alone(line, pieces, [plane.width(), plane.height()])
}

/// Whether a text is what panels are called: a, (b), C., d), a1.
fn is_panel_letter(text: &str) -> bool {
    let inner = text
        .trim_start_matches('(')
        .trim_end_matches([')', '.', ':']);
    let mut letters = inner.chars();
    let first = letters.next().is_some_and(|c| c.is_ascii_alphabetic());
    let rest: Vec<char> = letters.collect();
    first && rest.len() <= 2 && rest.iter().all(char::is_ascii_alphanumeric)
}

/// Whether no other ink of the same kind is near.
fn stands_alone(line: &Line, pieces: &[&Piece], size: [usize; 2]) -> bool {
    let around = line.place.grown(line.tall / 5 + 2, size);
    let within = line.place.grown(1, size);
    pieces.iter().all(|piece| {
        around.share_of(&piece.place) == 0.0
            || within.share_of(&piece.place) > 0.9
            || piece.area * 30 < line.place.area()
            || piece.sharp < SHARP
    })
}

/// A line with the points, signs and short words beside it that are no letters of their own.
fn with_dots(line: &Line, pieces: &[&Piece], size: [usize; 2]) -> Place {
    let mut whole = line.place;
    // Every round may reach the next word.
    for _ in 0..12 {
        let reach = Place {
            y0: line.place.y0.saturating_sub(line.tall / 4),
            y1: (line.place.y1 + line.tall / 4).min(size[1]),
            x0: whole.x0.saturating_sub(line.tall),
            x1: (whole.x1 + line.tall).min(size[0]),
        };
        let joined = pieces
            .iter()
            .filter(|piece| piece.sharp >= SHARP && reach.share_of(&piece.place) > 0.0)
            .filter(|piece| reach.y0 <= piece.place.y0 && piece.place.y1 <= reach.y1)
            .filter(|piece| piece.place.width() <= 4 * line.tall)
            .fold(whole, |place, piece| place.with(&piece.place));
        if joined == whole {
            break;
        }
        whole = joined;
    }
    whole
}
