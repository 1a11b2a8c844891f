//! Draws lines, dots and arrows over a micrograph, and a legend on a strip below it.
//!
//! Places are in pixels whose centres lie at whole numbers. Knows nothing of measurements.
//! Called by `overlay.rs`.

use crate::measure::Field;
use crate::micrograph::shown_length;
use crate::simulate::typeface::Typeface;
use image::{Rgb, RgbImage};

/// Height of a capital of the legend against the width of the image, and its least and most.
const CAPITAL: f32 = 0.011;
const CAPITAL_PX: (f32, f32) = (8.0, 40.0);
const PAPER: Rgb<u8> = Rgb([24, 26, 30]);
const INK: [f32; 3] = [232.0, 234.0, 238.0];

/// A picture that is drawn on.
pub struct Canvas {
    picture: RgbImage,
    weight: i64,
}

/// A scale bar: its length in pixels and its label.
pub struct Bar {
    length_px: f64,
    label: String,
}

/// The longest round length of about a fifth of an image so many pixels wide.
pub fn bar(nm_from_px: f64, width: usize) -> Option<Bar> {
    let most = 0.2 * width as f64 * nm_from_px;
    if !(most.is_finite() && most > 0.0) {
        return None;
    }
    let power = 10f64.powf(most.log10().floor());
    let step = [5.0, 2.0, 1.0]
        .into_iter()
        .find(|step| step * power <= most)?;
    let label = shown_length(step * power);
    // A round length needs no digits behind the point.
    let label = match label.split_once(' ') {
        Some((number, unit)) if number.contains('.') => {
            format!(
                "{} {unit}",
                number.trim_end_matches('0').trim_end_matches('.')
            )
        }
        _ => label,
    };
    Some(Bar {
        length_px: step * power / nm_from_px,
        label,
    })
}

/// From blue over green to yellow, for 0 to 1.
pub fn ramp(part: f64) -> Rgb<u8> {
    let part = if part.is_finite() {
        part.clamp(0.0, 1.0)
    } else {
        0.5
    };
    let mix = |from: f64, middle: f64, to: f64| {
        let value = if part < 0.5 {
            from + (middle - from) * 2.0 * part
        } else {
            middle + (to - middle) * (2.0 * part - 1.0)
        };
        value as u8
    };
    Rgb([
        mix(70.0, 60.0, 255.0),
        mix(130.0, 220.0, 225.0),
        mix(255.0, 150.0, 40.0),
    ])
}

impl Canvas {
    /// A field as 8-bit grey, its darkest and brightest half per cent clipped; lines will be so
    /// many pixels wide.
    pub fn of(field: &Field<'_>, weight: u32) -> Self {
        let every = field.grey.len() / 100_000 + 1;
        let mut some: Vec<f32> = field.grey.iter().step_by(every).copied().collect();
        some.sort_by(f32::total_cmp);
        let at = |share: usize| {
            let place = some.len().saturating_sub(1) * share / 1000;
            some.get(place).copied().unwrap_or(0.0)
        };
        let (low, high) = (at(5), at(995));
        let scale = 255.0 / (high - low).max(f32::MIN_POSITIVE);
        let shade = |x: u32, y: u32| {
            ((field.at(x as isize, y as isize) - low) * scale).clamp(0.0, 255.0) as u8
        };
        Self {
            picture: RgbImage::from_fn(field.width as u32, field.height as u32, |x, y| {
                Rgb([shade(x, y); 3])
            }),
            weight: i64::from(weight.max(1)),
        }
    }

    /// A dot as wide as lines are.
    pub fn dot(&mut self, [x, y]: [f64; 2], colour: Rgb<u8>) {
        if !(x.abs() < 1e7 && y.abs() < 1e7) {
            return;
        }
        let (left, top) = (x.round() as i64, y.round() as i64);
        let half = self.weight / 2;
        for row in top - half..top - half + self.weight {
            for column in left - half..left - half + self.weight {
                if let (Ok(column), Ok(row)) = (u32::try_from(column), u32::try_from(row))
                    && let Some(pixel) = self.picture.get_pixel_mut_checked(column, row)
                {
                    *pixel = colour;
                }
            }
        }
    }

    /// A line through points; closed ones come back to the first.
    pub fn polyline(&mut self, points: &[[f64; 2]], is_closed: bool, colour: Rgb<u8>) {
        self.walk(points, is_closed, |canvas, at, _| canvas.dot(at, colour));
    }

    /// The same as dots.
    pub fn dotted(&mut self, points: &[[f64; 2]], is_closed: bool, colour: Rgb<u8>) {
        let gap = 4.0 * self.weight as f64;
        self.walk(points, is_closed, |canvas, at, way| {
            if way % gap < 0.4 * gap {
                canvas.dot(at, colour);
            }
        });
    }

    /// An arrow with its head at the second point.
    pub fn arrow(&mut self, from: [f64; 2], to: [f64; 2], colour: Rgb<u8>) {
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let length = dx.hypot(dy).max(1e-9);
        let head = (0.25 * length).min(8.0 * self.weight as f64) / length;
        let barb = |sign: f64| {
            [
                to[0] - head * (dx - sign * 0.5 * dy),
                to[1] - head * (dy + sign * 0.5 * dx),
            ]
        };
        self.polyline(&[from, to], false, colour);
        self.polyline(&[barb(1.0), to, barb(-1.0)], false, colour);
    }

    /// Visits places half a pixel apart along points, with the way that was gone.
    fn walk(
        &mut self,
        points: &[[f64; 2]],
        is_closed: bool,
        mut visit: impl FnMut(&mut Self, [f64; 2], f64),
    ) {
        let closing = points.first().copied().filter(|_| is_closed);
        let next = points.iter().copied().skip(1).chain(closing);
        let mut way = 0.0;
        for (from, to) in points.iter().zip(next) {
            let length = (to[0] - from[0]).hypot(to[1] - from[1]);
            if !length.is_finite() {
                continue;
            }
            let steps = (2.0 * length).ceil().clamp(1.0, 1e6) as u32;
            for step in 0..=steps {
                let part = f64::from(step) / f64::from(steps);
                let at = [0, 1].map(|axis| from[axis] + part * (to[axis] - from[axis]));
                visit(self, at, way + part * length);
            }
            way += length;
        }
    }

    /// The picture with a strip below it that holds lines of text and a scale bar.
    pub fn with_legend(self, lines: &[String], bar: Option<Bar>) -> RgbImage {
        let (width, height) = self.picture.dimensions();
        let capital = (CAPITAL * width as f32).clamp(CAPITAL_PX.0, CAPITAL_PX.1);
        let margin = 1.2 * capital;
        let typeface = Typeface::new(askem_assets::FONT_WIDE);
        let room = width as f32 - 2.0 * margin;
        let fits = |text: &str| {
            let drawn = typeface
                .as_ref()
                .map_or(0.0, |face| face.width(text, capital));
            drawn <= room
        };
        let lines: Vec<String> = lines.iter().flat_map(|line| broken(line, fits)).collect();
        let rows = lines.len() + usize::from(bar.is_some());
        let strip = (margin + rows as f32 * 2.0 * capital + 0.4 * capital).ceil() as u32;
        let mut page = RgbImage::from_pixel(width, height + strip, PAPER);
        image::imageops::replace(&mut page, &self.picture, 0, 0);
        let mut y = height as f32 + margin;
        if let Some(bar) = bar {
            let length = bar.length_px.min(f64::from(room)) as u32;
            let thick = (0.4 * capital).ceil() as u32;
            let top = (y + 0.5 * (capital - thick as f32)) as u32;
            for row in top..top + thick {
                for column in margin as u32..margin as u32 + length {
                    if let Some(pixel) = page.get_pixel_mut_checked(column, row) {
                        *pixel = Rgb(INK.map(|part| part as u8));
                    }
                }
            }
            let at = [margin + length as f32 + capital, y];
            write(&mut page, typeface.as_ref(), &bar.label, at, capital);
            y += 2.0 * capital;
        }
        for line in &lines {
            write(&mut page, typeface.as_ref(), line, [margin, y], capital);
            y += 2.0 * capital;
        }
        page
    }
}

/// A text in lines that fit, broken between words.
fn broken(text: &str, fits: impl Fn(&str) -> bool) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if fits(&format!("{line} {word}")) => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn write(page: &mut RgbImage, typeface: Option<&Typeface>, text: &str, at: [f32; 2], capital: f32) {
    let Some(typeface) = typeface else {
        return;
    };
    let words = typeface.draw(text, at, capital);
    for (place, cover) in words.cover.iter().enumerate() {
        let column = words.corner[0] + (place % words.size[0].max(1)) as i32;
        let row = words.corner[1] + (place / words.size[0].max(1)) as i32;
        let (Ok(column), Ok(row)) = (u32::try_from(column), u32::try_from(row)) else {
            continue;
        };
        if let Some(pixel) = page.get_pixel_mut_checked(column, row) {
            let cover = cover.clamp(0.0, 1.0);
            for (part, ink) in pixel.0.iter_mut().zip(INK) {
                *part = (f32::from(*part) * (1.0 - cover) + ink * cover) as u8;
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure fails the test")]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_round_and_about_a_fifth_of_the_width() {
        for nm in [0.37, 1.0, 5.5, 23.0, 410.0] {
            let bar = bar(nm, 1000).unwrap();
            assert!(
                (60.0..=200.0).contains(&bar.length_px),
                "{nm}: {}",
                bar.length_px
            );
            let number: f64 = bar.label.split(' ').next().unwrap().parse().unwrap();
            let digit = number / 10f64.powf(number.log10().floor());
            assert!(
                [1.0, 2.0, 5.0].iter().any(|one| (digit - one).abs() < 1e-9),
                "{}",
                bar.label
            );
        }
        assert!(bar(0.0, 1000).is_none());
    }

    #[test]
    fn text_breaks_between_words() {
        let lines = broken("one two three four", |text| text.len() <= 9);
        assert_eq!(lines, ["one two", "three", "four"]);
    }
}
