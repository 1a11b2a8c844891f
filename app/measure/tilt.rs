//! Tilted views: what a length in the image is on the specimen, and what is said of it.
//!
//! Tilted about the image's x axis, x stays as it is, a way up the image on the tilted surface
//! is seen shortened by cos θ, and a wall or a cut face normal to the surface by sin θ. Nothing
//! is corrected twice, and no angle is inferred from the image. Called by whatever prints
//! lengths of an image whose tilt is known.

use super::house::planes as house;
use super::quantity::{Quantity, Reason, Unit};
use super::uncertainty::from_limit;

/// How a field was viewed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tilt {
    /// Tilt about the x axis of the image, in degrees; 0 is a top view.
    pub angle_deg: f64,
    /// Limit to which the angle is trusted, in degrees.
    pub limit_deg: f64,
    /// True when the file says that the image was corrected already.
    pub is_corrected: bool,
    /// True when the user confirmed angle and axis.
    pub is_confirmed: bool,
}

/// Which plane a length lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plane {
    /// On the tilted surface, along the tilt axis (x of the image).
    SurfaceX,
    /// On the tilted surface, across the tilt axis (y of the image).
    SurfaceY,
    /// Up a wall or a cut face normal to the surface.
    Wall,
    /// Of a body that looks alike from all sides: a sphere's diameter, the width of a wire.
    Round,
}

impl Tilt {
    /// A tilt stated by the file, not yet confirmed.
    pub fn stated(angle_deg: f64, is_corrected: bool) -> Self {
        Self {
            angle_deg,
            limit_deg: house::TILT_LIMIT_DEG,
            is_corrected,
            is_confirmed: false,
        }
    }

    /// Whether the user has to be asked before a length off the tilt axis is printed.
    pub fn is_to_be_asked(&self) -> bool {
        self.angle_deg.abs() > house::TILT_TO_ASK_DEG && !self.is_confirmed
    }

    /// By how much a length in the image is multiplied, and the standard uncertainty of that as
    /// a share. None for the height of a wall in a top view, where it is not seen.
    pub fn factor(&self, plane: Plane) -> Option<(f64, f64)> {
        let angle = self.angle_deg.abs().to_radians();
        let u = from_limit(self.limit_deg).to_radians();
        match plane {
            Plane::SurfaceX | Plane::Round => Some((1.0, 0.0)),
            Plane::SurfaceY | Plane::Wall if self.is_corrected => Some((1.0, 0.0)),
            Plane::SurfaceY if angle < std::f64::consts::FRAC_PI_2 - 0.05 => {
                Some((1.0 / angle.cos(), angle.tan() * u))
            }
            Plane::Wall if self.angle_deg.abs() > house::TILT_TO_ASK_DEG => {
                Some((1.0 / angle.sin(), u / angle.tan()))
            }
            Plane::SurfaceY | Plane::Wall => None,
        }
    }

    /// A quantity as it is on the specimen, or the reason why it is not said.
    #[must_use]
    pub fn corrected(&self, quantity: Quantity, plane: Plane) -> Quantity {
        let Some(value) = quantity.value.filter(|_| quantity.unit.length_power() == 1) else {
            return quantity;
        };
        let off_axis = matches!(plane, Plane::SurfaceY | Plane::Wall);
        if off_axis && !self.is_corrected && self.is_to_be_asked() {
            return refused(
                &quantity,
                format!(
                    "the file states a stage tilt of {:.0}°, and lengths off its axis are shortened",
                    self.angle_deg.abs()
                ),
                "Confirm the tilt, its axis and the plane that is measured",
            );
        }
        let Some((factor, share)) = self.factor(plane) else {
            return refused(
                &quantity,
                "the view does not show this plane".to_owned(),
                "Take the image at a tilt, or of a section",
            );
        };
        let mut parts = quantity.parts.times(factor);
        parts.tilt = value * factor * share;
        let note = self.note(plane);
        let mut noted = quantity.note.clone();
        if !note.is_empty() {
            if !noted.is_empty() {
                noted.push_str("; ");
            }
            noted.push_str(&note);
        }
        Quantity {
            value: Some(value * factor),
            uncertainty: quantity.uncertainty.map(|_| parts.expanded()),
            parts,
            note: noted,
            ..quantity
        }
    }

    /// What is said of the tilt behind a length.
    fn note(&self, plane: Plane) -> String {
        let angle = self.angle_deg.abs();
        if angle == 0.0 {
            return match plane {
                Plane::SurfaceY => "top view assumed".to_owned(),
                _ => String::new(),
            };
        }
        match plane {
            Plane::SurfaceX => format!("along the tilt axis, {angle:.0}° tilt"),
            Plane::Round => String::new(),
            _ if self.is_corrected => "tilt corrected in the file".to_owned(),
            Plane::SurfaceY => format!("corrected for {angle:.0}° tilt of the surface"),
            Plane::Wall => format!("height of a wall normal to the surface, {angle:.0}° tilt"),
        }
    }

    /// The words on the view for the line under the image.
    pub fn words(&self) -> String {
        let angle = self.angle_deg.abs();
        if angle == 0.0 {
            "top view assumed".to_owned()
        } else if self.is_corrected {
            format!("tilted by {angle:.0}°, corrected in the file")
        } else {
            format!("tilted by {angle:.0}°: the scale holds along x only")
        }
    }
}

/// The order that an isotropic net seems to have when it is seen foreshortened: alignment below
/// it is the tilt's.
pub fn order_of_tilt(angle_deg: f64) -> f64 {
    let seen = angle_deg.to_radians().cos().abs();
    (1.0 - seen) / (1.0 + seen)
}

fn refused(quantity: &Quantity, why: String, help: &str) -> Quantity {
    let unit = match quantity.unit {
        Unit::Nm | Unit::Px => quantity.unit,
        _ => Unit::Px,
    };
    Quantity::unavailable(
        quantity.slot,
        unit,
        Reason::new("No length off the tilt axis", why, help),
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure fails the test")]
mod tests {
    use super::super::uncertainty::Parts;
    use super::*;

    fn length() -> Quantity {
        let parts = Parts {
            edge: 1.0,
            ..Parts::default()
        };
        Quantity::measured("pitch", 100.0, Unit::Nm, parts, 9).noted("mean over 9 periods")
    }

    #[test]
    fn at_45_degrees_y_and_walls_are_longer_by_the_root_of_two_and_x_is_not() {
        let tilt = Tilt {
            is_confirmed: true,
            ..Tilt::stated(45.0, false)
        };
        let root = 2f64.sqrt();
        let y = tilt.corrected(length(), Plane::SurfaceY);
        assert!((y.value.unwrap() - 100.0 * root).abs() < 1e-9);
        // 1° is 1.7 % at 45° (tan 45° = 1), as limits 1.0 %.
        let u_tilt = 100.0 * root * 1f64.to_radians() / 3f64.sqrt();
        assert!((y.parts.tilt - u_tilt).abs() < 1e-9);
        assert!((y.uncertainty.unwrap() - 2.0 * u_tilt.hypot(root)).abs() < 1e-9);
        assert_eq!(
            y.text_with_note(),
            "141 ± 5 nm (mean over 9 periods; corrected for 45° tilt of the surface)"
        );
        let wall = tilt.corrected(length(), Plane::Wall);
        assert!((wall.value.unwrap() - 100.0 * root).abs() < 1e-9);
        let x = tilt.corrected(length(), Plane::SurfaceX);
        assert_eq!(x.value, Some(100.0));
        assert_eq!(
            x.text_with_note(),
            "100 ± 2 nm (mean over 9 periods; along the tilt axis, 45° tilt)"
        );
        assert_eq!(tilt.corrected(length(), Plane::Round), length());
        assert_eq!(tilt.words(), "tilted by 45°: the scale holds along x only");
    }

    #[test]
    fn a_stated_tilt_is_asked_about_and_nothing_is_corrected_twice() {
        let stated = Tilt::stated(45.0, false);
        let asked = stated.corrected(length(), Plane::SurfaceY);
        assert_eq!(asked.value, None);
        assert!(asked.reason().unwrap().why.contains("45°"));
        assert_eq!(
            stated.corrected(length(), Plane::SurfaceX).value,
            Some(100.0)
        );
        let small = Tilt::stated(4.0, false).corrected(length(), Plane::SurfaceY);
        assert!((small.value.unwrap() - 100.244).abs() < 1e-3);
        let twice = Tilt::stated(45.0, true).corrected(length(), Plane::SurfaceY);
        assert_eq!(twice.value, Some(100.0));
        assert!(twice.note.ends_with("tilt corrected in the file"));
    }

    #[test]
    fn heights_do_not_exist_in_a_top_view() {
        let top = Tilt {
            is_confirmed: true,
            ..Tilt::stated(0.0, false)
        };
        assert!(top.corrected(length(), Plane::Wall).reason().is_some());
        let surface = top.corrected(length(), Plane::SurfaceY);
        assert_eq!(surface.value, Some(100.0));
        assert!(surface.note.ends_with("top view assumed"));
    }

    #[test]
    fn a_cut_face_at_52_degrees_is_deeper_by_the_usual_factor() {
        let tilt = Tilt {
            is_confirmed: true,
            ..Tilt::stated(52.0, false)
        };
        let (factor, share) = tilt.factor(Plane::Wall).unwrap();
        assert!((factor - 1.0 / 0.788).abs() < 1e-3);
        let (_, of_y) = tilt.factor(Plane::SurfaceY).unwrap();
        // A limit of 1° at 52° is 2.2 % of y.
        assert!((of_y * 3f64.sqrt() - 0.022).abs() < 5e-4);
        assert!(share < of_y);
        assert!((order_of_tilt(45.0) - 0.17).abs() < 2e-3);
    }
}
