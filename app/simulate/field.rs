//! The scene before the microscope: a height map, a grey tone and a mask of the specimen.
//!
//! Lengths are pixels, heights too, so slopes are true. A stamp only shows where it is higher
//! than what lies there already, which is how things hide each other seen from above.
//! Scenes draw on it; `shade` turns it into signal. It knows no noise and no data bar.

use super::noise::Noise;
use super::truth::Drawn;

/// Height, tone and mask, row by row.
pub struct Field {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Height of the surface above the ground plane, in pixels.
    pub z: Vec<f32>,
    /// Grey of the material, 0 black to 1 white, before relief is added.
    pub tone: Vec<f32>,
    /// True where the specimen's own structures are, false on the ground.
    pub mask: Vec<bool>,
    /// The body or hole seen at each pixel, from 1 in the order they were drawn; 0 elsewhere.
    pub body: Vec<u32>,
    /// The pixels that each would take up with nothing over it, in the order they were drawn.
    pub extents: Vec<u32>,
    /// What is known of strands, lines and a tip.
    pub drawn: Drawn,
    /// The body last drawn at each pixel, seen or not.
    last: Vec<u32>,
    /// The body that what is drawn now belongs to, if it is not one of its own; 0 for none.
    current: Option<u32>,
    /// Angle it will be viewed at in radians; 0 is the top view.
    pub tilt: f32,
}

/// The places of a box in pixels, clipped to the field.
#[derive(Clone, Copy)]
pub struct Span {
    /// Left, top, right, bottom.
    pub corners: (f32, f32, f32, f32),
}

impl Span {
    /// The box around a place that reaches `reach` pixels each way.
    pub fn around(x: f32, y: f32, reach: f32) -> Self {
        Self {
            corners: (x - reach, y - reach, x + reach, y + reach),
        }
    }
}

impl Field {
    /// A flat grey ground at height 0 that will be viewed at a tilt.
    pub fn new(width: usize, height: usize, tilt: f32) -> Self {
        let count = width * height;
        let tone = 0.3;
        Self {
            width,
            height,
            z: vec![0.0; count],
            tone: vec![tone; count],
            mask: vec![false; count],
            body: vec![0; count],
            extents: Vec::new(),
            drawn: Drawn::default(),
            last: vec![0; count],
            current: None,
            tilt,
        }
    }

    /// The shorter side in pixels: the unit the scenes think in.
    pub fn short(&self) -> f32 {
        self.width.min(self.height) as f32
    }

    /// Width as a float.
    pub fn w(&self) -> f32 {
        self.width as f32
    }

    /// Height as a float.
    pub fn h(&self) -> f32 {
        self.height as f32
    }

    fn limits(&self, span: Span) -> (usize, usize, usize, usize) {
        let (left, top, right, bottom) = span.corners;
        let clip = |value: f32, most: usize| value.clamp(0.0, most as f32) as usize;
        (
            clip(left.floor(), self.width),
            clip(top.floor(), self.height),
            clip(right.ceil() + 1.0, self.width),
            clip(bottom.ceil() + 1.0, self.height),
        )
    }

    /// The whole field as a span.
    pub fn whole(&self) -> Span {
        Span {
            corners: (0.0, 0.0, self.w(), self.h()),
        }
    }

    /// Adds a body: `body` gives height and tone of its top at a place, or nothing outside it.
    pub fn stamp(&mut self, span: Span, body: impl Fn(f32, f32) -> Option<(f32, f32)>) {
        let number = self.next_body();
        for place in self.places(span) {
            let (x, y) = ((place % self.width) as f32, (place / self.width) as f32);
            let Some((top, grey)) = body(x, y) else {
                continue;
            };
            self.extend(number, place);
            if top > self.z[place] {
                self.z[place] = top;
                self.tone[place] = grey;
                self.mask[place] = true;
                self.body[place] = number;
            }
        }
    }

    /// Draws what is one body, however often it stamps or carves; gives its number.
    pub fn as_one(&mut self, draw: impl FnOnce(&mut Self)) -> u32 {
        let number = self.next_body();
        self.part_of(number, draw);
        number
    }

    /// Draws what is no body to count, such as the hairs of a cell.
    pub fn as_no_body(&mut self, draw: impl FnOnce(&mut Self)) {
        self.part_of(0, draw);
    }

    fn part_of(&mut self, number: u32, draw: impl FnOnce(&mut Self)) {
        let outer = self.current.replace(number);
        draw(self);
        self.current = outer;
    }

    fn next_body(&mut self) -> u32 {
        self.current.unwrap_or_else(|| {
            self.extents.push(0);
            self.extents.len() as u32
        })
    }

    /// Notes that a body reaches a pixel.
    fn extend(&mut self, number: u32, place: usize) {
        if self.last[place] != number
            && let Some(extent) = self.extents.get_mut((number as usize).wrapping_sub(1))
        {
            *extent += 1;
        }
        self.last[place] = number;
    }

    /// Removes material: where `floor` is below the surface, the surface drops to it.
    pub fn carve(
        &mut self,
        span: Span,
        is_specimen: bool,
        floor: impl Fn(f32, f32) -> Option<(f32, f32)>,
    ) {
        let number = self.next_body();
        for place in self.places(span) {
            let (x, y) = ((place % self.width) as f32, (place / self.width) as f32);
            let Some((bottom, grey)) = floor(x, y) else {
                continue;
            };
            self.extend(number, place);
            if bottom < self.z[place] {
                self.z[place] = bottom;
                self.tone[place] = grey;
                self.mask[place] = is_specimen;
                self.body[place] = number;
            }
        }
    }

    /// Visits every pixel of a span: `edit(x, y, z, tone, mask)`.
    pub fn edit(
        &mut self,
        span: Span,
        mut edit: impl FnMut(f32, f32, &mut f32, &mut f32, &mut bool),
    ) {
        for place in self.places(span) {
            edit(
                (place % self.width) as f32,
                (place / self.width) as f32,
                &mut self.z[place],
                &mut self.tone[place],
                &mut self.mask[place],
            );
        }
    }

    /// The pixels of a span, row by row.
    fn places(&self, span: Span) -> impl Iterator<Item = usize> + use<> {
        let (left, top, right, bottom) = self.limits(span);
        let width = self.width;
        (top..bottom).flat_map(move |row| row * width + left..row * width + right)
    }

    /// Adds `height` pixels of noise with features of `size` pixels to the whole surface.
    pub fn roughen(&mut self, seed: u32, size: f32, height: f32, octaves: u32) {
        let noise = Noise(seed);
        let size = size.max(0.7);
        self.edit(self.whole(), |x, y, z, _, _| {
            *z += height * noise.octaves(x / size, y / size, octaves)
        });
    }

    /// Multiplies the tone by noise of a relative `strength`.
    pub fn mottle(&mut self, seed: u32, size: f32, strength: f32, octaves: u32) {
        let noise = Noise(seed);
        let size = size.max(0.7);
        self.edit(self.whole(), |x, y, _, tone, _| {
            *tone *= 1.0 + strength * noise.octaves(x / size, y / size, octaves);
        });
    }
}

/// A blur by repeated box filters in place; `radius` in pixels, below 0.5 does nothing.
pub fn blur(values: &mut [f32], width: usize, height: usize, radius: f32) {
    blur_xy(values, width, height, radius, radius);
}

/// As [`blur`], with a radius of its own along each axis.
pub fn blur_xy(values: &mut [f32], width: usize, height: usize, radius_x: f32, radius_y: f32) {
    let mut line = vec![0.0f32; width.max(height)];
    for _ in 0..2 {
        for row in values.chunks_exact_mut(width) {
            box_line(row, &mut line, radius_x);
        }
        if radius_y >= 0.2 {
            let mut column_values = vec![0.0f32; height];
            for column in 0..width {
                for row in 0..height {
                    column_values[row] = values[row * width + column];
                }
                box_line(&mut column_values, &mut line, radius_y);
                for row in 0..height {
                    values[row * width + column] = column_values[row];
                }
            }
        }
    }
}

/// A box filter of half width `radius` along one line; fractions weigh the outermost samples.
fn box_line(values: &mut [f32], copy: &mut [f32], radius: f32) {
    let count = values.len();
    if radius < 0.2 || count < 2 {
        return;
    }
    let reach = (radius as usize).min(count - 1);
    let part = radius - radius.floor();
    copy[..count].copy_from_slice(values);
    let at = |place: isize| copy[place.clamp(0, count as isize - 1) as usize];
    let weight = 1.0 / (2.0 * reach as f32 + 1.0 + 2.0 * part);
    let mut sum: f32 = (-(reach as isize)..=reach as isize).map(at).sum();
    for (place, value) in values.iter_mut().enumerate() {
        let place = place as isize;
        let outer = at(place - reach as isize - 1) + at(place + reach as isize + 1);
        *value = (sum + part * outer) * weight;
        sum += at(place + reach as isize + 1) - at(place - reach as isize);
    }
}
