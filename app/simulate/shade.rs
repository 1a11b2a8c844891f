//! From relief to secondary-electron signal, and the oblique view.
//!
//! The signal rises on slopes, at convex edges and toward the detector, and falls in hollows
//! and with depth. A rule-of-thumb model, not a simulation of electrons. Called by `mod`.

use super::field::{Field, blur};

/// How strongly each effect shows; all about 0 to 1.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Gain of slopes.
    pub slope: f32,
    /// Gain of convex edges.
    pub edge: f32,
    /// Loss in hollows.
    pub hollow: f32,
    /// One-sided light of the detector.
    pub light: f32,
    /// Direction the light comes from, radians.
    pub from: f32,
    /// Loss with depth below the highest surface.
    pub depth: f32,
    /// Rim width in pixels.
    pub rim: f32,
}

/// The signal before the camera and what of the specimen is seen.
pub struct Signal {
    /// Signal, about 0 to 2, row by row.
    pub grey: Vec<f32>,
    /// True where the specimen is seen.
    pub mask: Vec<bool>,
    /// The body that is seen, as the field numbers them.
    pub body: Vec<u32>,
}

/// Shades a field and, when it is tilted, views it obliquely; the view is `height` rows high.
pub fn shade(field: &Field, look: &Look, height: usize) -> Signal {
    let grey = lit(field, look);
    if field.tilt > 0.0 {
        oblique(field, &grey, look, height)
    } else {
        Signal {
            grey,
            mask: field.mask.clone(),
            body: field.body.clone(),
        }
    }
}

fn lit(field: &Field, look: &Look) -> Vec<f32> {
    let (width, height) = (field.width, field.height);
    let mut near = field.z.clone();
    blur(&mut near, width, height, look.rim.max(0.8));
    let mut far = near.clone();
    let reach = (0.035 * field.short()).max(2.0);
    blur(&mut far, width, height, reach);
    let (mut low, mut high) = (f32::MAX, f32::MIN);
    for &z in &far {
        low = low.min(z);
        high = high.max(z);
    }
    let range = (high - low).max(1e-3);
    let (light_x, light_y) = (look.from.cos(), look.from.sin());
    let mut grey = vec![0.0; width * height];
    for row in 0..height {
        let (above, below) = (row.saturating_sub(1), (row + 1).min(height - 1));
        for column in 0..width {
            let place = row * width + column;
            let (left, right) = (column.saturating_sub(1), (column + 1).min(width - 1));
            let dx = 0.5 * (field.z[row * width + right] - field.z[row * width + left]);
            let dy = 0.5 * (field.z[below * width + column] - field.z[above * width + column]);
            let steep = (1.0 + dx * dx + dy * dy).sqrt();
            let z = field.z[place];
            let slope = (steep - 1.0) / (0.6 + steep - 1.0);
            let bulge = (z - near[place]) / look.rim.max(0.8);
            let edge = bulge.max(0.0) / (0.5 + bulge.max(0.0));
            let pit = ((far[place] - z) / reach).max(0.0) * 1.6 + (-bulge).max(0.0) * 0.5;
            let hollow = pit / (0.7 + pit);
            let light = (-dx * light_x - dy * light_y) / steep;
            let deep = (1.0 - (z - low) / range).clamp(0.0, 1.0);
            let signal = field.tone[place]
                * (1.0 + look.slope * slope + look.light * light)
                * (1.0 - look.hollow * hollow)
                * (1.0 - look.depth * deep)
                + look.edge * 0.6 * edge;
            grey[place] = signal.max(0.0);
        }
    }
    grey
}

/// Looks from the front (the lower edge) down at a tilt: each column is walked from front to
/// back, and what stands in front hides what is behind. The view is `height` rows high.
fn oblique(field: &Field, grey: &[f32], look: &Look, height: usize) -> Signal {
    let width = field.width;
    let (sin, cos) = field.tilt.sin_cos();
    let mut seen = Signal {
        grey: vec![0.0; width * height],
        mask: vec![false; width * height],
        body: vec![0; width * height],
    };
    for column in 0..width {
        let mut horizon = height as f32;
        let mut last_z = field.z[(field.height - 1) * width + column];
        for row in (0..field.height).rev() {
            let place = row * width + column;
            let z = field.z[place];
            let at = (height - 1) as f32 - (field.height - 1 - row) as f32 * cos - z * sin;
            if at < horizon {
                let is_wall = z - last_z > 1.5 && horizon - at > 1.2;
                let first = at.max(0.0).ceil() as usize;
                let last = (horizon.ceil().max(0.0) as usize).min(height);
                for target in first..last {
                    let part = (target as f32 - at) / (horizon - at).max(1.0);
                    let wall = field.tone[place] * (0.75 - 0.35 * part) * (1.0 + 0.3 * look.slope);
                    let value = match (is_wall, part < 0.12) {
                        (true, false) => wall,
                        (true, true) => grey[place].max(wall),
                        _ => grey[place],
                    };
                    seen.grey[target * width + column] = value;
                    seen.mask[target * width + column] = field.mask[place];
                    seen.body[target * width + column] = field.body[place];
                }
                horizon = at;
            }
            last_z = z;
            if horizon <= 0.0 {
                break;
            }
        }
    }
    seen
}

/// Rows a field needs so that, tilted, it fills a view of `height` rows.
pub fn rows_for(height: usize, tilt: f32) -> usize {
    if tilt > 0.0 {
        (height as f32 * 1.12 / tilt.cos()) as usize
    } else {
        height
    }
}
