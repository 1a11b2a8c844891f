//! A measured number: its value, unit, uncertainty, kind and what it was measured on.
//!
//! A [`Quantity`] either has a value that was measured or stated by someone, or it has none and
//! a reason; there is no third way. It is made in pixels and turned into lengths once, by a
//! [`Scale`]. How it is rounded and printed is in `printing`. Called by everything in `measure`.

use super::uncertainty::{Parts, of_scale};
use crate::micrograph::{Calibration, Source};

/// The unit of a value. Lengths are stored in nm or px; which of nm, µm and mm is printed is
/// decided when printing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Nanometres.
    Nm,
    /// Pixels, where no scale is known.
    Px,
    /// Square nanometres.
    Nm2,
    /// Square pixels.
    Px2,
    /// One by nanometres: length by area, as of cracks.
    PerNm,
    /// One by pixels.
    PerPx,
    /// One by square nanometres: a count by area.
    PerNm2,
    /// One by square pixels.
    PerPx2,
    /// A share of one, printed in %.
    Share,
    /// Degrees.
    Degree,
    /// A number without a unit that is no count: aspect, order, ratio.
    Ratio,
    /// A number of things.
    Count,
}

impl Unit {
    /// The power of length in the unit: 1 for a length, -2 for a count by area, 0 for a share.
    pub fn length_power(self) -> i32 {
        match self {
            Unit::Nm | Unit::Px => 1,
            Unit::Nm2 | Unit::Px2 => 2,
            Unit::PerNm | Unit::PerPx => -1,
            Unit::PerNm2 | Unit::PerPx2 => -2,
            Unit::Share | Unit::Degree | Unit::Ratio | Unit::Count => 0,
        }
    }

    /// The unit that a unit in pixels becomes once a scale is known.
    fn calibrated(self) -> Self {
        match self {
            Unit::Px => Unit::Nm,
            Unit::Px2 => Unit::Nm2,
            Unit::PerPx => Unit::PerNm,
            Unit::PerPx2 => Unit::PerNm2,
            other => other,
        }
    }
}

/// Where a number comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Measured in this image.
    Measured,
    /// Stated by the file; never measured again.
    Metadata,
    /// Read from the scale bar or the data bar.
    ScaleBar,
    /// Typed by the user.
    Typed,
    /// Not measured.
    Unavailable(Reason),
}

impl Kind {
    /// The name of the kind as `measure --json` prints it.
    pub fn name(&self) -> &'static str {
        match self {
            Kind::Measured => "measured",
            Kind::Metadata => "metadata",
            Kind::ScaleBar => "scale_bar",
            Kind::Typed => "typed",
            Kind::Unavailable(_) => "unavailable",
        }
    }
}

/// Why a quantity was refused: three parts of one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What is missing, as "No roughness".
    pub missing: String,
    /// Why, as "the blur is 2 times as wide in x as in y".
    pub why: String,
    /// What would help, as "Correct the astigmatism and take the image again".
    pub help: String,
}

impl Reason {
    /// A reason of three parts, none of which ends in a full stop.
    pub fn new(missing: &str, why: impl Into<String>, help: &str) -> Self {
        Self {
            missing: missing.to_owned(),
            why: why.into(),
            help: help.to_owned(),
        }
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}. {}.", self.missing, self.why, self.help)
    }
}

/// What a value says of the true one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bound {
    /// It is the value, within its uncertainty.
    #[default]
    Value,
    /// The true value is at most this.
    AtMost,
    /// The true value is at least this.
    AtLeast,
}

/// A number for a slot, or the reason why there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// The slot it fills, as in `questions::slots::ALL`.
    pub slot: &'static str,
    /// The value in [`Quantity::unit`]; none if it is unavailable.
    pub value: Option<f64>,
    /// The unit of value and uncertainty.
    pub unit: Unit,
    /// U, about 95 %, in the same unit; none for counts, bounds and what was stated by others
    /// without one.
    pub uncertainty: Option<f64>,
    /// What U is made of.
    pub parts: Parts,
    /// How many objects, edges or periods it was measured on.
    pub n: usize,
    /// Where it comes from.
    pub kind: Kind,
    /// Whether the value is a bound.
    pub bound: Bound,
    /// What stands in brackets behind it: rule, range and number of objects.
    pub note: String,
    /// Why it is to be taken with reserve, if it is.
    pub limited: Option<String>,
    /// True when the length rests on a scale that the user typed.
    pub is_scale_typed: bool,
    /// The ids of the objects it was measured on.
    pub evidence: Vec<u32>,
    /// The word that it decides on by more than its value: of a spacing, that against chance.
    pub word: Option<&'static str>,
}

impl Quantity {
    /// A measured value with the parts of its uncertainty, in pixels or without a length.
    pub fn measured(slot: &'static str, value: f64, unit: Unit, parts: Parts, n: usize) -> Self {
        Self {
            slot,
            value: Some(value),
            unit,
            uncertainty: Some(parts.expanded()),
            parts,
            n,
            kind: Kind::Measured,
            bound: Bound::Value,
            note: String::new(),
            limited: None,
            is_scale_typed: false,
            evidence: Vec::new(),
            word: None,
        }
    }

    /// A number of things that were counted.
    pub fn count(slot: &'static str, count: usize) -> Self {
        Self {
            uncertainty: None,
            ..Self::measured(slot, count as f64, Unit::Count, Parts::default(), count)
        }
    }

    /// A bound in place of a value.
    pub fn bound(slot: &'static str, value: f64, unit: Unit, bound: Bound, n: usize) -> Self {
        Self {
            bound,
            uncertainty: None,
            ..Self::measured(slot, value, unit, Parts::default(), n)
        }
    }

    /// What could not be measured, and why.
    pub fn unavailable(slot: &'static str, unit: Unit, reason: Reason) -> Self {
        Self {
            value: None,
            uncertainty: None,
            kind: Kind::Unavailable(reason),
            ..Self::measured(slot, f64::NAN, unit, Parts::default(), 0)
        }
    }

    /// The same with what stands in brackets behind it.
    #[must_use]
    pub fn noted(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// The same with a reserve, if there is one.
    #[must_use]
    pub fn limited(mut self, why: Option<String>) -> Self {
        self.limited = why.or(self.limited);
        self
    }

    /// The reason, if it is unavailable.
    pub fn reason(&self) -> Option<&Reason> {
        match &self.kind {
            Kind::Unavailable(reason) => Some(reason),
            _ => None,
        }
    }

    /// The same in nanometres, if it is a length in pixels and the scale is known; its scale's
    /// part is then filled in.
    #[must_use]
    pub fn scaled(mut self, scale: &Scale) -> Self {
        let power = self.unit.length_power();
        let (Some(nm), true) = (
            scale.nm_from_px,
            power != 0 && self.unit.calibrated() != self.unit,
        ) else {
            return self;
        };
        let factor = nm.powi(power);
        self.unit = self.unit.calibrated();
        self.value = self.value.map(|value| value * factor);
        self.parts = self.parts.times(factor);
        if let Some(value) = self.value {
            self.parts.scale = (value * f64::from(power) * scale.share).abs();
        }
        self.uncertainty = self.uncertainty.map(|_| self.parts.expanded());
        self.is_scale_typed = scale.is_typed;
        self
    }
}

/// What turns pixels into lengths: one size for both axes, as everything that measures works on
/// square pixels.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Scale {
    /// Nanometres a pixel; none where no scale is known.
    pub nm_from_px: Option<f64>,
    /// Its standard uncertainty as a share.
    pub share: f64,
    /// True when the user typed it.
    pub is_typed: bool,
}

impl Scale {
    /// The scale of pixels that are `x_nm` wide. `bar_px` is the length of the scale bar it was
    /// read from.
    pub fn of(calibration: Option<&Calibration>, bar_px: Option<f64>) -> Self {
        calibration.map_or(Self::default(), |calibration| Self {
            nm_from_px: Some(calibration.x_nm),
            share: of_scale(calibration, bar_px, None),
            is_typed: matches!(calibration.source, Source::User | Source::Folder),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure fails the test")]
mod tests {
    use super::*;

    fn width() -> Quantity {
        let parts = Parts {
            edge: 0.1,
            sampling: 0.2,
            ..Parts::default()
        };
        Quantity::measured("linewidth", 32.0, Unit::Px, parts, 14)
    }

    #[test]
    fn a_length_takes_the_scale_and_its_uncertainty_once() {
        let file = Calibration::new(2.0, 2.0, Source::Metadata, "tag").unwrap();
        let scaled = width().scaled(&Scale::of(Some(&file), None));
        assert_eq!((scaled.value, scaled.unit), (Some(64.0), Unit::Nm));
        let scale = 64.0 * 0.03 / 3f64.sqrt();
        let expected = 2.0 * (scale * scale + 0.04 + 0.16).sqrt();
        assert!((scaled.uncertainty.unwrap() - expected).abs() < 1e-9);
        let again = scaled.clone().scaled(&Scale::of(Some(&file), None));
        assert_eq!(again, scaled, "never scaled twice");
    }

    #[test]
    fn without_a_scale_lengths_stay_in_pixels() {
        let same = width().scaled(&Scale::of(None, None));
        assert_eq!(same, width());
    }

    #[test]
    fn ratios_and_counts_do_not_carry_the_scale() {
        let file = Calibration::new(2.0, 2.0, Source::Metadata, "tag").unwrap();
        let scale = Scale::of(Some(&file), None);
        let order = Quantity::measured("orientation.order", 0.4, Unit::Ratio, Parts::default(), 9);
        assert_eq!(order.clone().scaled(&scale), order);
        let count = Quantity::count("count", 12);
        assert_eq!(count.clone().scaled(&scale), count);
        let density = Quantity::measured("crack.density", 0.1, Unit::PerPx, Parts::default(), 9);
        let scaled = density.scaled(&scale);
        assert_eq!((scaled.value, scaled.unit), (Some(0.05), Unit::PerNm));
    }

    #[test]
    fn what_is_unavailable_has_no_digit() {
        let reason = Reason::new("No roughness", "the edges are blurred", "Focus again");
        let none = Quantity::unavailable("lwr", Unit::Px, reason);
        assert_eq!((none.value, none.uncertainty), (None, None));
        assert_eq!(
            none.reason().unwrap().to_string(),
            "No roughness: the edges are blurred. Focus again."
        );
    }
}
