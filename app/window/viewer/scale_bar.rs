//! The scale bar: a round length that suits the zoom.
//!
//! [`ScaleBar::fitting`] is pure; the viewer and the export paint it with [`paint`].

use super::super::theme;
use egui::{Align2, Color32, CornerRadius, FontId, Painter, Pos2, Rect, pos2, vec2};

/// A length to show, and how it reads.
#[derive(Clone, Debug, PartialEq)]
pub struct ScaleBar {
    /// Its length on the specimen, in nanometres: 1, 2 or 5 times a power of ten.
    pub length_nm: f64,
    /// "500 nm", "2 µm", …
    pub label: String,
}

impl ScaleBar {
    /// The longest round bar of at most `room_nm`; `None` where that is no length.
    pub fn fitting(room_nm: f64) -> Option<Self> {
        if !room_nm.is_finite() || room_nm <= 0.0 {
            return None;
        }
        let power = 10.0_f64.powf(room_nm.log10().floor());
        // A hair of slack, so that a room of exactly 2 takes a bar of 2.
        let steps = [5.0, 2.0, 1.0].map(|step| step * power);
        let length_nm = steps
            .into_iter()
            .find(|length| *length <= room_nm * (1.0 + 1e-9))
            .unwrap_or(power);
        Some(Self {
            length_nm,
            label: label(length_nm),
        })
    }
}

fn label(nm: f64) -> String {
    let (value, unit) = match nm {
        size if size < 0.999 => (nm * 1e3, "pm"),
        size if size < 999.0 => (nm, "nm"),
        size if size < 999_000.0 => (nm / 1e3, "µm"),
        _ => (nm / 1e6, "mm"),
    };
    if value >= 0.999 {
        format!("{value:.0} {unit}")
    } else {
        format!("{value} {unit}")
    }
}

/// How a bar is painted; all in the units of the painter.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Length of the bar.
    pub length: f32,
    /// Size of the text.
    pub text: f32,
}

/// Paints the bar with its label above it on a dark ground, with its lower left corner at
/// `corner`. Returns the ground's rectangle.
pub fn paint(painter: &Painter, corner: Pos2, bar: &ScaleBar, look: Look) -> Rect {
    let font = FontId::new(look.text, theme::semibold(look.text).family);
    let galley = painter.layout_no_wrap(bar.label.clone(), font, Color32::WHITE);
    let thickness = (look.text * 0.3).round().max(2.0);
    let margin = vec2(look.text * 0.75, look.text * 0.5);
    let size = vec2(
        look.length.max(galley.size().x) + 2.0 * margin.x,
        galley.size().y + thickness + look.text * 0.25 + 2.0 * margin.y,
    );
    let ground = Rect::from_min_size(pos2(corner.x, corner.y - size.y), size);
    let round = CornerRadius::same((look.text * 0.4).min(40.0) as u8);
    painter.rect_filled(ground, round, theme::MARK_GROUND);
    let middle = ground.center().x;
    let bar_rect = Rect::from_min_size(
        pos2(
            middle - look.length / 2.0,
            ground.bottom() - margin.y - thickness,
        ),
        vec2(look.length, thickness),
    );
    painter.rect_filled(bar_rect, CornerRadius::ZERO, Color32::WHITE);
    let at = Align2::CENTER_TOP
        .anchor_size(pos2(middle, ground.top() + margin.y), galley.size())
        .min;
    painter.galley(at, galley, Color32::WHITE);
    ground
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_round_and_as_long_as_they_can_be() {
        for (room_nm, label) in [
            (612.0, "500 nm"),
            (499.0, "200 nm"),
            (200.0, "200 nm"),
            (1.9, "1 nm"),
            (0.6, "500 pm"),
            (1000.0, "1 µm"),
            (2_300_000.0, "2 mm"),
            (51_000.0, "50 µm"),
        ] {
            assert_eq!(
                ScaleBar::fitting(room_nm).unwrap().label,
                label,
                "{room_nm}"
            );
        }
    }

    #[test]
    fn at_any_zoom_the_bar_fills_at_least_two_fifths_of_its_room() {
        let mut room_nm = 1e-3;
        while room_nm < 1e8 {
            let bar = ScaleBar::fitting(room_nm).unwrap();
            let share = bar.length_nm / room_nm;
            assert!(
                (0.4 - 1e-9..=1.0 + 1e-9).contains(&share),
                "{room_nm}: {share}"
            );
            room_nm *= 1.037;
        }
    }

    #[test]
    fn no_room_is_no_bar() {
        for room_nm in [0.0, -3.0, f64::NAN, f64::INFINITY] {
            assert_eq!(ScaleBar::fitting(room_nm), None);
        }
    }
}
