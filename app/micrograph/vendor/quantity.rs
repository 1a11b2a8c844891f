//! Numbers, units and dates as instruments write them.
//!
//! What is no number, has a unit that is not known or lies outside of what a microscope can
//! mean is `None`: unknown, never a guess. Called by the readers of this folder.

/// A number that is the whole text, such as `3.3724e-006`.
pub(super) fn number(text: &str) -> Option<f64> {
    let (value, rest) = leading_number(text)?;
    rest.is_empty().then_some(value)
}

/// A number and what follows it: `7706.35 um` gives 7706.35 and "um". A single comma is a
/// decimal point.
pub(super) fn leading_number(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let mut end = digits(sign);
    if matches!(bytes.get(end), Some(b'.' | b',')) {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    let value: f64 = text.get(..end)?.replace(',', ".").parse().ok()?;
    value
        .is_finite()
        .then_some((value, text.get(end..)?.trim()))
}

/// A length in nanometres from a number and its unit.
pub(super) fn nm_from(value: f64, unit: &str) -> Option<f64> {
    Some(value * nm_in(unit)?)
}

/// A length with its unit in the text, in nanometres.
pub(super) fn length_nm(text: &str) -> Option<f64> {
    let (value, unit) = leading_number(text)?;
    nm_from(value, unit)
}

/// Nanometres in a unit of length. Both micro signs are known, and how ImageJ escapes one.
fn nm_in(unit: &str) -> Option<f64> {
    Some(match unit.trim() {
        "fm" => 1e-6,
        "pm" => 1e-3,
        "A" | "Å" | "\u{212b}" | "Angstrom" | "angstrom" => 0.1,
        "nm" | "nanometer" | "nanometre" => 1.0,
        "um" | "µm" | "\u{3bc}m" | "\\u00B5m" | "\\u03BCm" | "micron" | "microns"
        | "micrometer" | "micrometre" => 1e3,
        "mm" | "millimeter" => 1e6,
        "cm" => 1e7,
        "m" | "meter" => 1e9,
        "inch" | "inches" => 25.4e6,
        _ => return None,
    })
}

/// A size that a pixel of an electron micrograph can have, in nanometres.
pub(super) fn is_pixel_size(nm: f64) -> bool {
    (1e-4..=1e8).contains(&nm)
}

/// The order of the numbers in a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Year, month, day.
    Ymd,
    /// Day, month, year.
    Dmy,
    /// Month, day, year.
    Mdy,
}

/// A day and a time as `2016-06-13T17:06:40`; the day alone where the time can't be read.
/// The month may be written as a word.
pub(super) fn date(day: &str, time: &str, order: Order) -> Option<String> {
    let parts: Vec<&str> = day
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect();
    let [first, second, third] = *parts.first_chunk::<3>()?;
    // A year of four digits stands where it stands, whatever was expected.
    let order = if first.len() == 4 { Order::Ymd } else { order };
    let (year, month, day) = match order {
        Order::Ymd => (first, second, third),
        Order::Dmy => (third, second, first),
        Order::Mdy => (third, first, second),
    };
    let year: u32 = year
        .parse()
        .ok()
        .filter(|year| (1950..2200).contains(year))?;
    let month = month_number(month)?;
    let day: u32 = day.parse().ok().filter(|day| (1..=31).contains(day))?;
    let clock = clock(time).map_or(String::new(), |[hour, minute, second]| {
        format!("T{hour:02}:{minute:02}:{second:02}")
    });
    Some(format!("{year:04}-{month:02}-{day:02}{clock}"))
}

/// Whether day and month could be told apart if their order is not known.
pub(super) fn is_ambiguous(day: &str) -> bool {
    let mut parts = day.split(|c: char| !c.is_alphanumeric());
    let mut part = || parts.next().and_then(|part| part.parse::<u32>().ok());
    match (part(), part()) {
        (Some(first), Some(second)) => first <= 12 && second <= 12 && first != second,
        _ => false,
    }
}

fn month_number(text: &str) -> Option<u32> {
    const NAMES: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    if let Ok(month) = text.parse::<u32>() {
        return (1..=12).contains(&month).then_some(month);
    }
    let start: String = text.to_ascii_lowercase().chars().take(3).collect();
    let place = NAMES.iter().position(|name| *name == start)?;
    Some(place as u32 + 1)
}

/// Hour, minute and second of `17:06:40` or `05:06:40 PM`.
fn clock(text: &str) -> Option<[u32; 3]> {
    let lower = text.trim().to_ascii_lowercase();
    let is_pm = lower.ends_with("pm");
    let is_twelve_hours = is_pm || lower.ends_with("am");
    let mut numbers = lower
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(|part| part.parse::<u32>().ok());
    let (hour, minute) = (numbers.next()??, numbers.next()??);
    let second = numbers.next().flatten().unwrap_or(0);
    let hour = match (is_twelve_hours, hour) {
        (true, 12) => 12 * u32::from(is_pm),
        (true, hour) => hour + 12 * u32::from(is_pm),
        (false, hour) => hour,
    };
    (hour < 24 && minute < 60 && second < 61).then_some([hour, minute, second])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_instruments_write_them() {
        assert_eq!(number("3.3724e-006"), Some(3.3724e-6));
        assert_eq!(number(" -12 "), Some(-12.0));
        assert_eq!(number("5,825"), Some(5.825));
        assert_eq!(leading_number("5.0 kV"), Some((5.0, "kV")));
        assert_eq!(leading_number("5eV"), Some((5.0, "eV")));
        for bad in [
            "",
            "notafloat",
            "nan",
            "inf",
            "-",
            ".",
            "1e999",
            "1.2.3",
            "0x10",
        ] {
            assert_eq!(number(bad), None, "{bad}");
        }
    }

    #[test]
    fn lengths_know_their_units() {
        let about = |text: &str| length_nm(text).map(|nm| (nm * 1e6).round() / 1e6);
        assert_eq!(about("985 pm"), Some(0.985));
        assert_eq!(about("2 Å"), Some(0.2));
        assert_eq!(about("5.825 nm"), Some(5.825));
        assert_eq!(about("5.965 µm"), about("5.965 \u{3bc}m"));
        assert_eq!(about("1.5 mm"), Some(1.5e6));
        assert_eq!(length_nm("3.7e-9 m"), Some(3.7e-9 * 1e9));
        for bad in ["5", "5 pixel", "5 1/nm", "5 kV", "µm", "5 NM"] {
            assert_eq!(length_nm(bad), None, "{bad}");
        }
    }

    #[test]
    fn dates_come_out_in_one_form() {
        let iso = |day, time, order| date(day, time, order);
        let expected = Some("2016-06-13T17:06:40".to_owned());
        assert_eq!(iso("06/13/2016", "05:06:40 PM", Order::Mdy), expected);
        assert_eq!(iso("13.06.2016", "17:06:40", Order::Dmy), expected);
        assert_eq!(iso("2016/06/13", "17:06:40", Order::Mdy), expected);
        assert_eq!(iso("13 Jun 2016", "17:06:40", Order::Dmy), expected);
        assert_eq!(
            iso("25 Sep 2018", "8:20:42", Order::Dmy).as_deref(),
            Some("2018-09-25T08:20:42")
        );
        assert_eq!(
            iso("2018:11:15", "", Order::Ymd).as_deref(),
            Some("2018-11-15")
        );
        for (day, order) in [
            ("13/14/2016", Order::Mdy),
            ("1/1/16", Order::Mdy),
            ("x", Order::Ymd),
        ] {
            assert_eq!(iso(day, "", order), None, "{day}");
        }
        assert_eq!(clock("12:05:00 AM"), Some([0, 5, 0]));
        assert_eq!(clock("12:05 PM"), Some([12, 5, 0]));
        assert!(
            is_ambiguous("3/4/2020") && !is_ambiguous("8/8/2016") && !is_ambiguous("13/4/2020")
        );
    }
}
