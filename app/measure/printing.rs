//! How a quantity is rounded and printed.
//!
//! U has one significant digit, two if it starts with 1, and is rounded upward; the value ends
//! at the same place. ± is the uncertainty of the stated number and never the spread. One unit
//! is chosen for a value and whatever stands in its brackets. Nothing is measured here. Called
//! by `command`, by the window and by whatever fills slots.

use super::quantity::{Bound, Kind, Quantity, Unit};

/// A unit as printed: its name and how many of the stored unit it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shown {
    /// The name, with the space before it if one is written.
    pub name: &'static str,
    /// Stored units in one printed unit.
    pub size: f64,
}

/// The printed unit of a value: nm below 1 µm, µm below 1 mm, then mm, and their powers.
pub fn shown_unit(unit: Unit, value: f64) -> Shown {
    let shown = |name, size| Shown { name, size };
    let value = value.abs();
    match unit {
        Unit::Nm if value < 1e3 => shown(" nm", 1.0),
        Unit::Nm if value < 1e6 => shown(" µm", 1e3),
        Unit::Nm => shown(" mm", 1e6),
        Unit::Px => shown(" px", 1.0),
        Unit::Nm2 if value < 1e5 => shown(" nm²", 1.0),
        Unit::Nm2 if value < 1e11 => shown(" µm²", 1e6),
        Unit::Nm2 => shown(" mm²", 1e12),
        Unit::Px2 => shown(" px²", 1.0),
        Unit::PerNm => shown(" µm/µm²", 1e-3),
        Unit::PerPx => shown(" px/px²", 1.0),
        Unit::PerNm2 if value < 1e-9 => shown("/mm²", 1e-12),
        Unit::PerNm2 => shown("/µm²", 1e-6),
        Unit::PerPx2 => shown("/px²", 1.0),
        Unit::Share => shown(" %", 0.01),
        Unit::Degree => shown("°", 1.0),
        Unit::Ratio | Unit::Count => shown("", 1.0),
    }
}

/// A value and its uncertainty at the same place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rounded {
    /// The value.
    pub value: f64,
    /// U, rounded upward.
    pub uncertainty: f64,
    /// Digits behind the point.
    pub decimals: usize,
}

/// Rounds a value to the place of its uncertainty. None if U is not above 0 and finite or so
/// small that the value has no such digits.
pub fn rounded(value: f64, uncertainty: f64) -> Option<Rounded> {
    if !(value.is_finite() && uncertainty.is_finite() && uncertainty > 0.0)
        || uncertainty < value.abs() * 1e-12
    {
        return None;
    }
    let exponent = uncertainty.log10().floor() as i32;
    let leading = uncertainty / 10f64.powi(exponent);
    let place = exponent - i32::from(leading < 2.0);
    let step = 10f64.powi(place);
    // What is a whole number of steps but for rounding in the last bits stays so.
    let steps = (uncertainty / step - 1e-9).ceil();
    Some(Rounded {
        value: (value / step).round() * step,
        uncertainty: steps * step,
        decimals: usize::try_from(-place).unwrap_or(0),
    })
}

/// A value alone, to so many significant digits.
pub fn to_digits(value: f64, digits: i32) -> String {
    if value == 0.0 || !value.is_finite() {
        return "0".to_owned();
    }
    let place = value.abs().log10().floor() as i32 - digits + 1;
    let step = 10f64.powi(place);
    let decimals = usize::try_from(-place).unwrap_or(0);
    format!("{:.decimals$}", (value / step).round() * step)
}

/// A range in the unit of a value, as "74–171 nm".
pub fn range(low: f64, high: f64, unit: Unit, beside: f64) -> String {
    let shown = shown_unit(unit, beside);
    let digits = |value: f64| {
        let value = value / shown.size;
        to_digits(value, if value.abs() >= 100.0 { 3 } else { 2 })
    };
    format!("{}–{}{}", digits(low), digits(high), shown.name)
}

impl Quantity {
    /// The text that stands in a slot: value ± U, unit and mark, without what is in brackets.
    /// "not measured" if there is no value.
    pub fn text(&self) -> String {
        let Some(value) = self.value else {
            return "not measured".to_owned();
        };
        let shown = shown_unit(self.unit, value);
        let (value, name) = (value / shown.size, shown.name);
        let sign = match self.bound {
            Bound::Value => "",
            Bound::AtMost => "≤ ",
            Bound::AtLeast => "≥ ",
        };
        let uncertainty = self.uncertainty.map(|u| u / shown.size);
        let mark = self.mark();
        if self.unit == Unit::Count {
            return format!("{sign}{}{mark}", value.round());
        }
        match uncertainty.and_then(|u| rounded(value, u)) {
            Some(Rounded {
                value,
                uncertainty,
                decimals,
            }) => {
                let unit = if self.is_scale_typed && self.unit.length_power() != 0 {
                    format!("{name}, your scale")
                } else {
                    name.to_owned()
                };
                if name == "°" || name.starts_with('/') {
                    format!("({value:.decimals$} ± {uncertainty:.decimals$}){unit}{mark}")
                } else {
                    format!("{sign}{value:.decimals$} ± {uncertainty:.decimals$}{unit}{mark}")
                }
            }
            None => {
                let digits = if self.bound == Bound::Value { 3 } else { 2 };
                format!("{sign}{}{name}{mark}", to_digits(value, digits))
            }
        }
    }

    /// The text with what stands in brackets; the reason instead, if there is no value.
    pub fn text_with_note(&self) -> String {
        if let Some(reason) = self.reason() {
            return reason.to_string();
        }
        let mut brackets = self.note.clone();
        if let Some(why) = &self.limited {
            if !brackets.is_empty() {
                brackets.push_str("; ");
            }
            brackets.push_str("limited: ");
            brackets.push_str(why);
        }
        if brackets.is_empty() {
            self.text()
        } else {
            format!("{} ({brackets})", self.text())
        }
    }

    /// The mark of who says so; nothing for what was measured.
    pub fn mark(&self) -> &'static str {
        match self.kind {
            Kind::Measured | Kind::Unavailable(_) => "",
            Kind::Metadata => " (file)",
            Kind::ScaleBar => " (bar)",
            Kind::Typed => " (you)",
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure fails the test")]
mod tests {
    use super::super::quantity::Reason;
    use super::super::uncertainty::Parts;
    use super::*;

    fn quantity(value: f64, u: f64, unit: Unit) -> Quantity {
        Quantity {
            uncertainty: Some(u),
            ..Quantity::measured("size.median", value, unit, Parts::default(), 84)
        }
    }

    #[test]
    fn the_uncertainty_has_one_digit_or_two_and_is_rounded_upward() {
        for (value, u, expected) in [
            (118.2, 8.3, "118 ± 9 nm"),
            (118.2, 11.2, "118 ± 12 nm"),
            (118.26, 1.02, "118.3 ± 1.1 nm"),
            (118.26, 9.6, "118 ± 10 nm"),
            (118.26, 2.0, "118 ± 2 nm"),
            (64.44, 0.31, "64.4 ± 0.4 nm"),
            (5.0, 0.3, "5.0 ± 0.3 nm"),
            (0.04, 7.0, "0 ± 7 nm"),
            (973.0, 130.0, "970 ± 130 nm"),
            (834.0, 310.0, "800 ± 400 nm"),
        ] {
            assert_eq!(quantity(value, u, Unit::Nm).text(), expected);
        }
    }

    #[test]
    fn rounding_never_shrinks_the_uncertainty_and_keeps_the_value_within_half_a_step() {
        for step in 1..2000 {
            let u = f64::from(step) * 0.00737;
            for value in [0.0, 3.3, 987.654] {
                let found = rounded(value, u).unwrap();
                assert!(
                    found.uncertainty >= u * (1.0 - 1e-9) && found.uncertainty <= u * 1.5 + 1e-12
                );
                assert!((found.value - value).abs() <= 0.5 * found.uncertainty + 1e-12);
            }
        }
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(rounded(1.0, bad), None);
        }
    }

    #[test]
    fn lengths_get_a_unit_that_fits_and_their_range_the_same() {
        assert_eq!(quantity(12_340.0, 420.0, Unit::Nm).text(), "12.3 ± 0.5 µm");
        assert_eq!(quantity(2.5e6, 1e5, Unit::Nm).text(), "2.50 ± 0.10 mm");
        assert_eq!(range(740.0, 1710.0, Unit::Nm, 1180.0), "0.74–1.7 µm");
        assert_eq!(range(74.2, 171.4, Unit::Nm, 118.0), "74–171 nm");
        assert_eq!(quantity(31.2, 1.6, Unit::Px).text(), "31.2 ± 1.6 px");
    }

    #[test]
    fn forms_of_the_guide() {
        let size =
            quantity(118.0, 8.4, Unit::Nm).noted("median of 84 objects; middle 80 %: 74–171 nm");
        assert_eq!(
            size.text_with_note(),
            "118 ± 9 nm (median of 84 objects; middle 80 %: 74–171 nm)"
        );
        let mut coverage = quantity(0.231, 0.0, Unit::Share).noted("19–28 % with threshold");
        coverage.uncertainty = None;
        assert_eq!(coverage.text_with_note(), "23.1 % (19–28 % with threshold)");
        let tip =
            Quantity::bound("tip.radius", 12.0, Unit::Nm, Bound::AtMost, 1).noted("under 5 px");
        assert_eq!(tip.text_with_note(), "≤ 12 nm (under 5 px)");
        let mut typed = quantity(118.0, 10.2, Unit::Nm);
        typed.is_scale_typed = true;
        assert_eq!(typed.text(), "118 ± 11 nm, your scale");
        assert_eq!(quantity(12.3, 1.4, Unit::Degree).text(), "(12.3 ± 1.4)°");
        assert_eq!(Quantity::count("count", 84).text(), "84");
    }

    #[test]
    fn marks_say_who_says_so() {
        let stated = |kind| Quantity {
            kind,
            uncertainty: None,
            ..quantity(5000.0, 0.0, Unit::Nm)
        };
        assert_eq!(stated(Kind::Metadata).text(), "5.00 µm (file)");
        assert_eq!(stated(Kind::ScaleBar).text(), "5.00 µm (bar)");
        assert_eq!(stated(Kind::Typed).text(), "5.00 µm (you)");
        let reason = Reason::new(
            "No size in nm",
            "this file holds no scale",
            "Enter the bar length",
        );
        let none = stated(Kind::Unavailable(reason));
        let none = Quantity {
            value: None,
            ..none
        };
        assert_eq!(none.text(), "not measured");
        assert!(
            none.text_with_note()
                .starts_with("No size in nm: this file")
        );
    }
}
