//! Reads any line of print, not only lengths, and says how sure the reader is of it.
//!
//! Takes the likeliest letter of each place. Good enough to tell print from specimen; what it
//! says is never shown as a number. Called by `overlay`.

use super::line::{WIDEST, cut};
use super::plane::Plane;
use super::reader::Reader;
use super::text::Box2;

/// Rows of ink that a cut line has.
const INK_ROWS: u32 = 18;

/// A line of print.
#[derive(Clone, Debug, PartialEq)]
pub struct Print {
    /// Its letters, as far as they fit into what is read at once.
    pub text: String,
    /// The mean share of the chosen letters, 0 to 1.
    pub sure: f32,
}

/// Reads the print in a box (left, top, right, bottom); None where nothing is read.
pub fn read(plane: Plane, [x0, y0, x1, y1]: [u32; 4], ink_is_dark: bool) -> Option<Print> {
    let reader = Reader::shipped()?;
    let tall = y1.checked_sub(y0)?;
    // What is longer is read from its beginning on.
    let longest = tall.checked_mul(WIDEST as u32 - 8)? / INK_ROWS;
    let x1 = x1.min(x0.checked_add(longest)?);
    let at = Box2 {
        x0: x0 as i32,
        y0: y0 as i32,
        x1: x1 as i32,
        y1: y1 as i32,
    };
    let line = cut(plane, at, ink_is_dark)?;
    let odds = reader.read(&line);
    let letters = reader.letters();
    let mut text = String::new();
    let mut shares: Vec<f32> = Vec::new();
    let mut before = letters.len();
    for place in odds.places() {
        let (class, share) =
            place
                .iter()
                .enumerate()
                .fold((letters.len(), 0.0), |best, (class, share)| {
                    if *share > best.1 {
                        (class, *share)
                    } else {
                        best
                    }
                });
        if let Some(letter) = letters.get(class).filter(|letter| **letter != ' ') {
            if class == before {
                if let Some(last) = shares.last_mut() {
                    *last = last.max(share);
                }
            } else {
                text.push(*letter);
                shares.push(share);
            }
        }
        before = class;
    }
    let sure = shares.iter().sum::<f32>() / shares.len().max(1) as f32;
    (!text.is_empty()).then_some(Print { text, sure })
}
