//! Numbers that somebody counted or measured in an image, for checking what is measured there.
//!
//! Nothing is learned from them. Read from the columns of a list by `dataset::list`.

use serde::Deserialize;
use serde_json::Value;

/// What is known of an image; lengths are those of the usual object: the diameter of equal area,
/// the width of a strand or of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Known {
    /// Objects in view.
    pub count: Option<f64>,
    /// The usual size in pixels of the file.
    pub size_px: Option<f64>,
    /// The usual size in nanometres.
    pub size_nm: Option<f64>,
    /// Nanometres a pixel of the file.
    pub px_size_nm: Option<f64>,
}

impl Known {
    /// Whether anything can be checked by it.
    pub fn is_empty(&self) -> bool {
        self.count.is_none() && self.size_px.is_none() && self.size_nm.is_none()
    }

    /// What is known already, and of the rest what `other` knows.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            count: self.count.or(other.count),
            size_px: self.size_px.or(other.size_px),
            size_nm: self.size_nm.or(other.size_nm),
            px_size_nm: self.px_size_nm.or(other.px_size_nm),
        }
    }
}

/// The columns it is read from.
#[derive(Deserialize)]
pub(super) struct Columns {
    count: Option<Value>,
    count_truth: Option<Value>,
    size_px: Option<Value>,
    size_nm: Option<Value>,
    size_um: Option<Value>,
    px_size_nm: Option<Value>,
}

impl Columns {
    /// Takes positive numbers (a count may be 0); `warn` hears of what is none.
    pub(super) fn known(&self, mut warn: impl FnMut(String)) -> Known {
        let mut number = |name: &str, value: &Option<Value>, least: f64| {
            let value = value.as_ref().filter(|value| !value.is_null())?;
            let number = value.as_f64().filter(|number| *number >= least);
            if number.is_none() {
                warn(format!("its {name} is left out, it is no positive number"));
            }
            number
        };
        let count = number("count", &self.count, 0.0);
        let nm = number("size_nm", &self.size_nm, f64::MIN_POSITIVE);
        let um = number("size_um", &self.size_um, f64::MIN_POSITIVE);
        Known {
            count: count.or_else(|| number("count_truth", &self.count_truth, 0.0)),
            size_px: number("size_px", &self.size_px, f64::MIN_POSITIVE),
            size_nm: nm.or(um.map(|um| um * 1e3)),
            px_size_nm: number("px_size_nm", &self.px_size_nm, f64::MIN_POSITIVE),
        }
    }
}
