//! What a file says about how its image was taken, and how large its pixels are.
//!
//! Read from the tags and texts of the instrument, never from the pixels, and never guessed:
//! what the file does not say is unknown. Dots per inch and a printed magnification are no
//! calibration. The readers of each vendor are in `vendor/`; called by `read.rs`.

use super::Calibration;
use super::vendor;
use std::io::{Read, Seek};
use std::path::Path;

/// What a file says beside its pixels. Everything the file does not say is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    /// Who made the instrument or wrote the file, such as "Zeiss".
    pub vendor: Option<&'static str>,
    /// Which instrument.
    pub instrument: Option<String>,
    /// Accelerating voltage, or landing energy where the file tells the two apart.
    pub accelerating_voltage_kv: Option<f64>,
    /// Working distance, in millimetres.
    pub working_distance_mm: Option<f64>,
    /// Magnification as the file states it: for a print or screen that is not this one.
    pub magnification: Option<f64>,
    /// Detector or signal.
    pub detector: Option<String>,
    /// Time on each pixel and pass, in microseconds.
    pub dwell_us: Option<f64>,
    /// When it was taken, `2016-06-13T17:06:40` in the instrument's own time.
    pub date: Option<String>,
    /// Tilt of the stage, in degrees.
    pub stage_tilt_deg: Option<f64>,
    /// Whether the scan was stretched to make up for a tilted specimen.
    pub tilt_correction: Option<bool>,
    /// Rotation of the scan that was in effect, in degrees; 0 where one is stored but off.
    pub scan_rotation_deg: Option<f64>,
    /// How large a pixel is, if the file says so and nothing speaks against it.
    pub calibration: Option<Calibration>,
    /// Pixel sizes that other keys give, beside the chosen one.
    pub rivals: Vec<PixelSize>,
    /// Rows at the bottom that are data bar, not specimen, where the file says how many.
    pub data_bar_rows: Option<u32>,
    /// Everything that was read, in the file's order.
    pub entries: Vec<Entry>,
    /// What the user should know before trusting the above, as sentences.
    pub warnings: Vec<String>,
}

/// A line of the instrument's own text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key, with its section if it has one.
    pub key: String,
    /// The value, printable and of bounded length.
    pub value: String,
}

/// A pixel size and the key it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct PixelSize {
    /// Width of a pixel, in nanometres.
    pub x_nm: f64,
    /// Height of a pixel, in nanometres.
    pub y_nm: f64,
    /// The tag and key.
    pub from: String,
}

/// Reads what a file says. `sidecar_of` is the path beside which a text file may lie; `size_px`
/// is the size of the image, needed where the file's own header is none that is read here;
/// `other_page` is its page, from 0, where that is not the one with the science.
pub(super) fn read(
    reader: &mut (impl Read + Seek),
    sidecar_of: Option<&Path>,
    size_px: Option<[u32; 2]>,
    other_page: Option<u32>,
) -> Metadata {
    vendor::read(reader, sidecar_of, size_px, other_page)
}

impl Metadata {
    /// The facts with their names and units, for people; what is unknown is left out.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let with_unit = |value: Option<f64>, unit: &str| Some(format!("{} {unit}", shown(value?)));
        let switch = |is_on: bool| if is_on { "on" } else { "off" }.to_owned();
        let facts = [
            (
                "Instrument",
                self.instrument.clone().or(self.vendor.map(str::to_owned)),
            ),
            (
                "Accelerating voltage",
                with_unit(self.accelerating_voltage_kv, "kV"),
            ),
            (
                "Working distance",
                with_unit(self.working_distance_mm, "mm"),
            ),
            (
                "Magnification",
                self.magnification
                    .map(|times| format!("{} ×", shown(times))),
            ),
            ("Detector", self.detector.clone()),
            ("Dwell time", with_unit(self.dwell_us, "µs")),
            (
                "Taken",
                self.date.as_ref().map(|date| date.replace('T', " ")),
            ),
            ("Stage tilt", with_unit(self.stage_tilt_deg, "°")),
            ("Tilt correction", self.tilt_correction.map(switch)),
            ("Scan rotation", with_unit(self.scan_rotation_deg, "°")),
            (
                "Data bar",
                self.data_bar_rows
                    .map(|rows| format!("{rows} rows at the bottom")),
            ),
        ];
        facts
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}

/// The size of a pixel for people, "5.2 nm" or "1 nm × 200 pm": four significant digits, so that
/// two keys that agree look the same.
pub fn shown_pixel_size(x_nm: f64, y_nm: f64) -> String {
    let side = |nm: f64| match nm {
        nm if nm < 1.0 => format!("{} pm", shown(nm * 1e3)),
        nm if nm < 1e3 => format!("{} nm", shown(nm)),
        nm if nm < 1e6 => format!("{} µm", shown(nm / 1e3)),
        nm => format!("{} mm", shown(nm / 1e6)),
    };
    let (x, y) = (side(x_nm), side(y_nm));
    if x == y { x } else { format!("{x} × {y}") }
}

/// A number with at most four significant digits and no zeros at its end.
fn shown(value: f64) -> String {
    let whole_digits = value.abs().max(1.0).log10().floor() as usize + 1;
    let text = format!("{value:.*}", 4_usize.saturating_sub(whole_digits));
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    if text == "-0" { "0" } else { text }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_without_digits_that_mean_nothing() {
        for (value, text) in [
            (5.0, "5"),
            (0.000_375, "0"),
            (3.937_911, "3.938"),
            (59_999.85, "60000"),
            (298.8, "298.8"),
            (-0.000_1, "0"),
            (0.1, "0.1"),
        ] {
            assert_eq!(shown(value), text);
        }
    }

    #[test]
    fn pixel_sizes_have_a_unit_that_fits_and_both_sides_where_they_differ() {
        assert_eq!(shown_pixel_size(5.2, 5.2), "5.2 nm");
        assert_eq!(shown_pixel_size(11.649_976, 11.650_39), "11.65 nm");
        assert_eq!(shown_pixel_size(1.0, 0.2), "1 nm × 200 pm");
        assert_eq!(shown_pixel_size(3372.4, 3372.4), "3.372 µm");
        assert_eq!(shown_pixel_size(2e6, 2e6), "2 mm");
    }

    #[test]
    fn unknown_facts_are_left_out() {
        assert!(Metadata::default().facts().is_empty());
        let metadata = Metadata {
            accelerating_voltage_kv: Some(5.0),
            tilt_correction: Some(false),
            ..Metadata::default()
        };
        let expected = [("Accelerating voltage", "5 kV"), ("Tilt correction", "off")];
        let expected = expected.map(|(name, value)| (name, value.to_owned()));
        assert_eq!(metadata.facts(), expected);
    }
}
