//! How large a pixel is, and how that is known.
//!
//! Everything that shows or measures a length asks a [`Calibration`]; without one, lengths are
//! in pixels and say so. Dots per inch and a printed magnification are never taken for one.

/// The size of a pixel on the specimen.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// Width of a pixel, in nanometres; finite and above 0.
    pub x_nm: f64,
    /// Height of a pixel, in nanometres; finite and above 0.
    pub y_nm: f64,
    /// Who says so.
    pub source: Source,
    /// The tag and key, the label of the scale bar, or what the user typed.
    pub from: String,
}

/// Who says how large a pixel is, the least trusted first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Read from the scale bar in the picture; marked until the user confirms it.
    ScaleBar,
    /// Set by the user for all micrographs of a folder and size, at the example of another one;
    /// marked until the user confirms it for this one.
    Folder,
    /// Stated by the file.
    Metadata,
    /// Set or confirmed by the user.
    User,
}

impl Calibration {
    /// A calibration, if both sizes are finite and above 0.
    pub fn new(x_nm: f64, y_nm: f64, source: Source, from: impl Into<String>) -> Option<Self> {
        let sound = |size: f64| size.is_finite() && size > 0.0;
        (sound(x_nm) && sound(y_nm)).then(|| Self {
            x_nm,
            y_nm,
            source,
            from: from.into(),
        })
    }

    /// The distance between two points of the image, in nanometres; their difference in pixels.
    pub fn length_nm(&self, dx_px: f64, dy_px: f64) -> f64 {
        (dx_px * self.x_nm).hypot(dy_px * self.y_nm)
    }

    /// The area of so many pixels, in square nanometres.
    pub fn area_nm2(&self, area_px: f64) -> f64 {
        area_px * self.x_nm * self.y_nm
    }
}

/// A length in the unit a microscopist would write it in: 3 significant digits of pm, nm, µm or
/// mm.
pub fn shown_length(nm: f64) -> String {
    let (value, unit) = match nm.abs() {
        size if size < 1.0 => (nm * 1e3, "pm"),
        size if size < 1e3 => (nm, "nm"),
        size if size < 1e6 => (nm / 1e3, "µm"),
        _ => (nm / 1e6, "mm"),
    };
    let decimals = match value.abs() {
        size if size < 10.0 => 2,
        size if size < 100.0 => 1,
        _ => 0,
    };
    format!("{value:.decimals$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_that_are_not_square_give_lengths_by_direction() {
        let calibration = Calibration::new(2.0, 3.0, Source::Metadata, "test");
        let length = calibration.as_ref().map(|c| c.length_nm(3.0, 0.0));
        assert_eq!(length, Some(6.0));
        assert_eq!(calibration.map(|c| c.length_nm(2.0, 1.0)), Some(5.0));
    }

    #[test]
    fn a_size_that_is_no_size_gives_no_calibration() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Calibration::new(bad, 1.0, Source::User, ""), None);
            assert_eq!(Calibration::new(1.0, bad, Source::User, ""), None);
        }
    }

    #[test]
    fn lengths_are_shown_in_a_unit_that_fits() {
        assert_eq!(shown_length(0.25), "250 pm");
        assert_eq!(shown_length(5.0), "5.00 nm");
        assert_eq!(shown_length(12_340.0), "12.3 µm");
        assert_eq!(shown_length(2.5e6), "2.50 mm");
    }
}
