//! How a vendor's table of keys becomes our fields: the first key with a sound value wins.
//!
//! Also chooses among several pixel sizes, and drops a scale that the image has outgrown.
//! Called by the readers of each vendor.

use super::quantity::{is_pixel_size, leading_number, nm_from, number};
use crate::micrograph::metadata::{Metadata, PixelSize};
use crate::micrograph::{Calibration, Source, shown_length};

/// Two pixel sizes that should be the same may differ by this much: keys are rounded.
const SAME: f64 = 0.02;

/// A field of ours that keys are mapped to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Instrument,
    Voltage,
    WorkingDistance,
    Magnification,
    Detector,
    Dwell,
    StageTilt,
    TiltCorrection,
    ScanRotation,
}

/// In which unit a key's value stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Unit {
    /// A word, as it stands.
    Text,
    /// yes/no, on/off or a number that is not 0.
    Switch,
    /// The unit follows the number.
    Written,
    /// A bare number of this many of our units.
    Times(f64),
}

/// Volts are thousandths of our kilovolts, and so on.
pub(super) const VOLT: Unit = Unit::Times(1e-3);
pub(super) const METRE: Unit = Unit::Times(1e3);
pub(super) const SECOND: Unit = Unit::Times(1e6);
pub(super) const RADIAN: Unit = Unit::Times(180.0 / std::f64::consts::PI);
/// A bare number in our own unit: kV, mm, µs, degrees, times.
pub(super) const OURS: Unit = Unit::Times(1.0);

/// A line of a vendor's table.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub field: Field,
    pub key: &'static str,
    pub unit: Unit,
    /// Why this key, and not another that says the same. Read by people, here and in
    /// docs/FILES.md.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "docs/FILES.md is held against it")
    )]
    pub why: &'static str,
}

/// A line of a table.
pub(super) const fn row(field: Field, key: &'static str, unit: Unit, why: &'static str) -> Row {
    Row {
        field,
        key,
        unit,
        why,
    }
}

/// Fills the fields from a table; `value_of` looks a key up.
pub(super) fn apply<'v>(
    table: &[Row],
    metadata: &mut Metadata,
    value_of: impl Fn(&str) -> Option<&'v str>,
) {
    for row in table {
        if let Some(text) = value_of(row.key) {
            set(metadata, row, text);
        }
    }
}

fn set(metadata: &mut Metadata, row: &Row, text: &str) {
    let number = || measured(row, text);
    match row.field {
        Field::Instrument => word(&mut metadata.instrument, text),
        Field::Detector => word(&mut metadata.detector, text),
        Field::Voltage => once(&mut metadata.accelerating_voltage_kv, number),
        Field::WorkingDistance => once(&mut metadata.working_distance_mm, number),
        Field::Magnification => once(&mut metadata.magnification, number),
        Field::Dwell => once(&mut metadata.dwell_us, number),
        Field::StageTilt => once(&mut metadata.stage_tilt_deg, number),
        Field::ScanRotation => once(&mut metadata.scan_rotation_deg, number),
        Field::TiltCorrection => once(&mut metadata.tilt_correction, || switch(text)),
    }
}

fn once<T>(slot: &mut Option<T>, value: impl FnOnce() -> Option<T>) {
    if slot.is_none() {
        *slot = value();
    }
}

fn word(slot: &mut Option<String>, text: &str) {
    let text = text.trim();
    if slot.is_none() && !text.is_empty() {
        *slot = Some(text.to_owned());
    }
}

/// A number in our unit, if it is one that a microscope can mean.
fn measured(row: &Row, text: &str) -> Option<f64> {
    let value = match row.unit {
        Unit::Times(factor) => number(text)? * factor,
        Unit::Written => written(row.field, text)?,
        Unit::Text | Unit::Switch => return None,
    };
    let sound = match row.field {
        Field::Voltage => 0.0..=5e3,
        Field::WorkingDistance => -1e3..=1e3,
        Field::Magnification => 1e-3..=1e9,
        Field::Dwell => 1e-6..=1e9,
        _ => -360.0..=360.0,
    };
    sound.contains(&value).then(|| tidy(value))
}

/// A number without the last digits that a change of unit leaves behind.
fn tidy(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}

/// A number with its unit behind it, in ours.
fn written(field: Field, text: &str) -> Option<f64> {
    let (value, unit) = leading_number(text)?;
    let factor = match (field, unit) {
        (Field::Voltage, "kV" | "keV") => 1.0,
        (Field::Voltage, "V" | "Volt" | "eV") => 1e-3,
        (Field::WorkingDistance, unit) => nm_from(1.0, unit)? / 1e6,
        (Field::Dwell, "ns") => 1e-3,
        (Field::Dwell, "µs" | "\u{3bc}s" | "us") => 1.0,
        (Field::Dwell, "ms") => 1e3,
        (Field::Dwell, "s" | "Secs") => 1e6,
        (Field::StageTilt | Field::ScanRotation, "°" | "deg") => 1.0,
        (Field::StageTilt | Field::ScanRotation, "rad") => 180.0 / std::f64::consts::PI,
        (Field::Magnification, "K X" | "KX" | "k" | "kx" | "K x") => 1e3,
        (Field::Magnification, "X" | "x" | "") => 1.0,
        _ => return None,
    };
    Some(value * factor)
}

/// On or off, in words or numbers.
pub(super) fn switch(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "yes" | "on" | "true" => Some(true),
        "no" | "off" | "false" => Some(false),
        other => number(other).map(|value| value != 0.0),
    }
}

/// A pixel size that a file offers.
pub(super) struct Offer {
    pub size_nm: Option<[f64; 2]>,
    pub from: String,
    /// Whether it should be the same as the chosen one.
    pub is_comparable: bool,
}

impl Offer {
    /// A size that stands for the pixels of this image.
    pub fn of_image(size_nm: Option<[f64; 2]>, from: impl Into<String>) -> Self {
        Self {
            size_nm,
            from: from.into(),
            is_comparable: true,
        }
    }
}

/// Takes the first sound offer as the calibration and keeps the others as rivals.
pub(super) fn choose(metadata: &mut Metadata, offers: impl IntoIterator<Item = Offer>) {
    for offer in offers {
        let Some([x_nm, y_nm]) = offer.size_nm.map(|size| size.map(f64::abs)) else {
            continue;
        };
        if !is_pixel_size(x_nm) || !is_pixel_size(y_nm) {
            continue;
        }
        let Some(chosen) = &metadata.calibration else {
            metadata.calibration = Calibration::new(x_nm, y_nm, Source::Metadata, offer.from);
            continue;
        };
        if offer.is_comparable && !is_same(chosen, x_nm, y_nm) {
            metadata.warnings.push(format!(
                "The file gives two pixel sizes: {} ({}) and {} ({}). The first is used; check it \
                 against the scale bar.",
                shown_length(chosen.x_nm),
                chosen.from,
                shown_length(x_nm),
                offer.from,
            ));
        }
        metadata.rivals.push(PixelSize {
            x_nm,
            y_nm,
            from: offer.from,
        });
    }
}

fn is_same(chosen: &Calibration, x_nm: f64, y_nm: f64) -> bool {
    (chosen.x_nm / x_nm - 1.0).abs() < SAME && (chosen.y_nm / y_nm - 1.0).abs() < SAME
}

/// Drops the calibration if the image is not as wide as the one the instrument took, or lacks
/// rows of it; rows may be added, by a data bar. `taken_px` is the size the instrument states.
pub(super) fn drop_if_resized(
    metadata: &mut Metadata,
    size_px: Option<[u32; 2]>,
    taken_px: Option<[u32; 2]>,
) {
    let (Some([width, height]), Some([taken_width, taken_height])) = (size_px, taken_px) else {
        return;
    };
    if width == taken_width && height >= taken_height {
        return;
    }
    drop_scale(
        metadata,
        &format!(
            "the image was resized or cropped. It is {width} × {height} pixels, the instrument took \
             {taken_width} × {taken_height}."
        ),
    );
}

/// Makes the calibration a rival and says why it is not used.
pub(super) fn drop_scale(metadata: &mut Metadata, why: &str) {
    let Some(stale) = metadata.calibration.take() else {
        return;
    };
    metadata.warnings.push(format!(
        "The file's scale is stale: {why} Its pixel size of {} ({}) is not used; set the scale by \
         hand.",
        shown_length(stale.x_nm),
        stale.from,
    ));
    let Calibration {
        x_nm, y_nm, from, ..
    } = stale;
    metadata.rivals.insert(0, PixelSize { x_nm, y_nm, from });
}

/// Two whole numbers as in `1280x960`, `1024 * 768` or `1280 960`.
pub(super) fn size_px(text: &str) -> Option<[u32; 2]> {
    let mut numbers = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok().filter(|side| *side > 0));
    Some([numbers.next()??, numbers.next()??])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sound_value_wins() {
        let table = [
            row(Field::Voltage, "a", VOLT, ""),
            row(Field::Voltage, "b", Unit::Written, ""),
            row(Field::Voltage, "c", OURS, ""),
            row(Field::TiltCorrection, "t", Unit::Switch, ""),
        ];
        let mut metadata = Metadata::default();
        apply(&table, &mut metadata, |key| match key {
            "a" => Some("notafloat"),
            "b" => Some("5000 Volt"),
            "c" => Some("7"),
            _ => Some("maybe"),
        });
        assert_eq!(metadata.accelerating_voltage_kv, Some(5.0));
        assert_eq!(metadata.tilt_correction, None);
    }

    #[test]
    fn what_no_microscope_means_is_unknown() {
        for (field, text) in [
            (Field::Voltage, "-5 kV"),
            (Field::Voltage, "9000 kV"),
            (Field::WorkingDistance, "3 km"),
            (Field::Magnification, "0 X"),
            (Field::StageTilt, "4000 °"),
            (Field::Dwell, "5"),
        ] {
            assert_eq!(
                measured(&row(field, "", Unit::Written, ""), text),
                None,
                "{text}"
            );
        }
    }

    #[test]
    fn rivals_that_disagree_are_told() {
        let mut metadata = Metadata::default();
        let offers = [
            Offer::of_image(Some([f64::NAN, 1.0]), "no size"),
            Offer::of_image(Some([-2.0, 2.0]), "signed"),
            Offer::of_image(Some([2.001, 2.0]), "rounded"),
            Offer::of_image(Some([3.0, 3.0]), "other"),
        ];
        choose(&mut metadata, offers);
        let chosen = metadata
            .calibration
            .as_ref()
            .map(|c| (c.x_nm, c.from.as_str()));
        assert_eq!(chosen, Some((2.0, "signed")));
        assert_eq!(metadata.rivals.len(), 2);
        assert_eq!(metadata.warnings.len(), 1, "{:?}", metadata.warnings);
        assert!(metadata.warnings[0].contains("other"));
    }

    #[test]
    fn an_image_of_another_size_loses_its_scale() {
        let calibrated = || {
            let mut metadata = Metadata::default();
            choose(&mut metadata, [Offer::of_image(Some([2.0, 2.0]), "key")]);
            metadata
        };
        for (size, keeps) in [
            ([100, 80], true),
            ([100, 90], true),
            ([50, 40], false),
            ([100, 70], false),
        ] {
            let mut metadata = calibrated();
            drop_if_resized(&mut metadata, Some(size), Some([100, 80]));
            assert_eq!(metadata.calibration.is_some(), keeps, "{size:?}");
            assert_eq!(metadata.warnings.is_empty(), keeps);
            assert_eq!(metadata.rivals.len(), usize::from(!keeps));
        }
        assert_eq!(size_px("1024 * 768"), Some([1024, 768]));
        assert_eq!(size_px("0x768"), None);
    }
}
