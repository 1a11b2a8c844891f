//! The grey values along a line, averaged over a box, and the edges found in them.
//!
//! Distances are on the specimen's scale, where pixels need not be square: the box is upright
//! to the line there. Pure: reads recorded pixels, never what is shown.

use super::geometry::{Point, Scale};
use crate::micrograph::{Micrograph, Pixels};

/// Samples along a line at most; longer lines are sampled more coarsely.
const ALONG_MAX: usize = 2048;
/// Samples across the box at most.
const ACROSS_MAX: usize = 32;
/// An edge is looked for so far from a drawn end, as a share of the line's length…
const SEARCH_SHARE: f64 = 0.2;
/// …and at least so many pixels.
const SEARCH_PX_MIN: f64 = 6.0;
/// An edge must rise or fall by this share of the profile's whole range.
const EDGE_SHARE_MIN: f64 = 0.25;

/// The rule by which edges are found, as words for the user.
pub const EDGE_RULE: &str = "Each end goes to the nearest place where the averaged profile crosses half way between \
     the darkest and brightest value near that end.";

/// Averaged grey values along a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// Distance of the first sample from the first point (negative before it), on the
    /// specimen's scale.
    pub start: f64,
    /// From sample to sample.
    pub step: f64,
    /// The averaged values, in the units of the file.
    pub values: Vec<f64>,
}

impl Profile {
    /// The lowest and highest value.
    pub fn range(&self) -> Option<[f64; 2]> {
        let low = self.values.iter().copied().reduce(f64::min)?;
        let high = self.values.iter().copied().reduce(f64::max)?;
        Some([low, high])
    }

    /// The distance of a sample from the first point.
    pub fn distance(&self, sample: usize) -> f64 {
        self.start + self.step * sample as f64
    }
}

/// How a line is sampled.
#[derive(Clone, Copy, Debug)]
pub struct Sampling {
    /// Width of the box that is averaged, in pixels.
    pub box_px: f64,
    /// By which share of its length the line is made longer at both ends.
    pub margin: f64,
    /// Samples a pixel along the line.
    pub per_px: f64,
}

impl Sampling {
    /// The line itself, a sample a pixel.
    pub const LINE: Self = Self {
        box_px: 1.0,
        margin: 0.0,
        per_px: 1.0,
    };
}

/// Samples along `line`. Empty for a line without length.
pub fn sample(
    micrograph: &Micrograph,
    scale: &Scale,
    line: [Point; 2],
    sampling: Sampling,
) -> Profile {
    let Sampling { box_px, margin, .. } = sampling;
    let length = scale.distance(line[0], line[1]);
    let length_px = (line[1][0] - line[0][0]).hypot(line[1][1] - line[0][1]);
    if length <= 0.0 || !length.is_finite() {
        return Profile::default();
    }
    let whole = 1.0 + 2.0 * margin;
    let along = ((length_px * whole * sampling.per_px).ceil() as usize + 1).clamp(2, ALONG_MAX);
    let across = (box_px.round().max(1.0) as usize).min(ACROSS_MAX);
    let first = scale.place(line[0]);
    let second = scale.place(line[1]);
    let unit = [
        (second[0] - first[0]) / length,
        (second[1] - first[1]) / length,
    ];
    // Upright to the line on the specimen, one pixel long in the image.
    let upright = scale.to_px([-unit[1], unit[0]]);
    let upright_len = upright[0].hypot(upright[1]);
    let upright = upright.map(|part| part / upright_len);
    let step = length * whole / (along - 1) as f64;
    let start = -margin * length;
    let spacing = box_px.max(1.0) / across as f64;
    let values = (0..along).map(|place| {
        let distance = start + step * place as f64;
        let on_line = scale.to_px([first[0] + unit[0] * distance, first[1] + unit[1] * distance]);
        let sum: f64 = (0..across)
            .map(|row| {
                let aside = (row as f64 - (across as f64 - 1.0) / 2.0) * spacing;
                let at = [
                    on_line[0] + upright[0] * aside,
                    on_line[1] + upright[1] * aside,
                ];
                value_between(micrograph, at)
            })
            .sum();
        sum / across as f64
    });
    Profile {
        start,
        step,
        values: values.collect(),
    }
}

/// The value at a place between pixels, from its four neighbours; outside, of the nearest edge.
fn value_between(micrograph: &Micrograph, [x, y]: Point) -> f64 {
    // The first pixel's middle lies at 0.5, 0.5.
    let (x, y) = (x - 0.5, y - 0.5);
    let (left, top) = (x.floor(), y.floor());
    let (right_share, lower_share) = (x - left, y - top);
    let value = |dx: f64, dy: f64| grey(micrograph, left + dx, top + dy);
    let upper = value(0.0, 0.0) * (1.0 - right_share) + value(1.0, 0.0) * right_share;
    let lower = value(0.0, 1.0) * (1.0 - right_share) + value(1.0, 1.0) * right_share;
    upper * (1.0 - lower_share) + lower * lower_share
}

/// The recorded value, of a colour its brightness (ITU-R BT.601).
fn grey(micrograph: &Micrograph, x: f64, y: f64) -> f64 {
    let inside = |place: f64, size: u32| place.clamp(0.0, f64::from(size.max(1) - 1)) as usize;
    let x = inside(x, micrograph.width());
    let y = inside(y, micrograph.height());
    let index = y * micrograph.width() as usize + x;
    match &micrograph.pixels {
        Pixels::Grey8(samples) => samples.get(index).copied().unwrap_or_default().into(),
        Pixels::Grey16(samples) => samples.get(index).copied().unwrap_or_default().into(),
        Pixels::Float32(samples) => samples.get(index).copied().unwrap_or_default().into(),
        Pixels::Rgb8(samples) => brightness(samples.get(index * 3..index * 3 + 3)),
        Pixels::Rgb16(samples) => brightness(samples.get(index * 3..index * 3 + 3)),
    }
}

fn brightness<T: Copy + Into<f64>>(pixel: Option<&[T]>) -> f64 {
    match pixel {
        Some(&[red, green, blue]) => {
            0.299 * red.into() + 0.587 * green.into() + 0.114 * blue.into()
        }
        _ => 0.0,
    }
}

/// A distance between two edges, by [`EDGE_RULE`].
#[derive(Clone, Debug, PartialEq)]
pub struct Caliper {
    /// The averaged profile, lengthened by the search range at both ends.
    pub profile: Profile,
    /// Where the edges are, from the first point, on the specimen's scale; `None` where an end
    /// has no edge near it.
    pub edges: [Option<f64>; 2],
    /// The drawn length.
    pub drawn: f64,
}

impl Caliper {
    /// Measures along a line drawn about from edge to edge.
    pub fn measure(micrograph: &Micrograph, scale: &Scale, line: [Point; 2], box_px: f64) -> Self {
        let drawn = scale.distance(line[0], line[1]);
        let length_px = (line[1][0] - line[0][0]).hypot(line[1][1] - line[0][1]);
        let margin = SEARCH_SHARE.max(SEARCH_PX_MIN / length_px.max(1.0));
        // Finer than the pixels, so that an edge between two of them stays where it is.
        let sampling = Sampling {
            box_px,
            margin,
            per_px: 4.0,
        };
        let profile = sample(micrograph, scale, line, sampling);
        let reach = margin * drawn;
        let edges = [0.0, drawn].map(|end| nearest_edge(&profile, end, reach));
        let edges = match edges {
            [Some(first), Some(second)] if second <= first => [None, None],
            other => other,
        };
        Self {
            profile,
            edges,
            drawn,
        }
    }

    /// The distance of the edges; `None` unless both were found.
    pub fn width(&self) -> Option<f64> {
        match self.edges {
            [Some(first), Some(second)] => Some(second - first),
            _ => None,
        }
    }
}

/// The crossing of half way that is nearest to `end`, within `reach` of it.
fn nearest_edge(profile: &Profile, end: f64, reach: f64) -> Option<f64> {
    let [all_low, all_high] = profile.range()?;
    let near: Vec<usize> = (0..profile.values.len())
        .filter(|&sample| (profile.distance(sample) - end).abs() <= reach)
        .collect();
    let values = || near.iter().map(|&sample| profile.values[sample]);
    let (low, high) = (values().reduce(f64::min)?, values().reduce(f64::max)?);
    if high - low <= 0.0 || high - low < (all_high - all_low) * EDGE_SHARE_MIN {
        return None;
    }
    let half = (low + high) / 2.0;
    let crossings = near.windows(2).filter_map(|pair| {
        let (a, b) = (
            profile.values[pair[0]] - half,
            profile.values[pair[1]] - half,
        );
        if (a < 0.0) == (b < 0.0) {
            return None;
        }
        Some(profile.distance(pair[0]) + profile.step * a / (a - b))
    });
    crossings.min_by(|a, b| (a - end).abs().total_cmp(&(b - end).abs()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::micrograph::{Calibration, Header, Source};

    fn image(width: u32, height: u32, grey: impl Fn(u32, u32) -> u16) -> Micrograph {
        let pixels = (0..width * height).map(|i| grey(i % width, i / width));
        Micrograph {
            pixels: Pixels::Grey16(pixels.collect()),
            header: Header {
                format: "TIFF",
                width,
                height,
                bits: 16,
                samples: 1,
                pages: 1,
                page: 0,
            },
            metadata: crate::micrograph::Metadata::default(),
            calibration: None,
            hash: String::new(),
            source: "made".into(),
        }
    }

    fn boxed(box_px: f64) -> Sampling {
        Sampling {
            box_px,
            ..Sampling::LINE
        }
    }

    fn scale(x_nm: f64, y_nm: f64) -> Scale {
        Scale::of(Calibration::new(x_nm, y_nm, Source::User, "").as_ref())
    }

    #[test]
    fn a_ramp_is_read_as_a_ramp_in_real_distances() {
        let ramp = image(50, 50, |x, _| (x * 10) as u16);
        let line = [[5.5, 10.5], [25.5, 10.5]];
        let profile = sample(&ramp, &scale(2.0, 2.0), line, Sampling::LINE);
        assert_eq!(profile.values.len(), 21);
        assert!((profile.step - 2.0).abs() < 1e-9);
        for (place, value) in profile.values.iter().enumerate() {
            let expected = 50.0 + 10.0 * place as f64;
            assert!((value - expected).abs() < 1e-6, "{place}: {value}");
        }
    }

    #[test]
    fn the_box_is_upright_on_the_specimen_and_averages_along_an_edge() {
        // Pixels twice as high as wide; an edge at 45 degrees on the specimen.
        let slanted = image(100, 60, |x, y| if x < 2 * y { 0 } else { 1000 });
        let scale = scale(1.0, 2.0);
        // Across that edge, upright to it on the specimen.
        let line = [[50.0 - 16.0, 25.0 + 8.0], [50.0 + 16.0, 25.0 - 8.0]];
        let wide = sample(&slanted, &scale, line, boxed(9.0));
        let slope = wide
            .values
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .fold(0.0, f64::max);
        assert!(
            slope > 300.0,
            "averaging blurred the edge: {:?}",
            wide.values
        );
        let length = wide.step * (wide.values.len() - 1) as f64;
        assert!((length - (32.0_f64.powi(2) * 2.0).sqrt()).abs() < 1e-9);
    }

    #[test]
    fn averaging_keeps_the_mean_and_lowers_noise() {
        let noise = image(200, 60, |x, y| {
            500 + ((x * 7919 + y * 104_729) % 211) as u16
        });
        let spread = |box_px| {
            let line = [[10.0, 30.0], [190.0, 30.0]];
            let values = sample(&noise, &Scale::of(None), line, boxed(box_px)).values;
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            assert!((mean - 605.0).abs() < 12.0, "{mean}");
            values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64
        };
        assert!(spread(15.0) < spread(1.0) / 4.0);
    }

    #[test]
    fn a_caliper_finds_the_edges_of_a_bar_between_pixels() {
        // A bar from 40.25 to 79.5: the border pixels are partly covered.
        let bar = image(140, 40, |x, _| match x {
            40 => 100 + 675,
            41..=78 => 1000,
            79 => 100 + 450,
            _ => 100,
        });
        let line = [[42.0, 20.0], [77.0, 20.0]];
        let found = Caliper::measure(&bar, &scale(3.0, 3.0), line, 7.0);
        let width = found.width().unwrap();
        assert!((width - 39.25 * 3.0).abs() < 0.3, "{width}");
        let drawn = found.drawn;
        assert!((drawn - 105.0).abs() < 1e-9);
    }

    #[test]
    fn where_there_is_no_edge_none_is_found() {
        let even = image(100, 40, |_, _| 77);
        let line = [[20.0, 20.0], [70.0, 20.0]];
        let found = Caliper::measure(&even, &Scale::of(None), line, 5.0);
        assert_eq!((found.edges, found.width()), ([None, None], None));
        let half = image(100, 40, |x, _| if x < 20 { 0 } else { 900 });
        let found = Caliper::measure(&half, &Scale::of(None), line, 5.0);
        assert!(found.edges[0].is_some() && found.edges[1].is_none());
    }

    #[test]
    fn a_line_without_length_and_a_line_outside_break_nothing() {
        let small = image(4, 4, |x, _| x as u16);
        let none = sample(&small, &Scale::of(None), [[1.0; 2]; 2], boxed(3.0));
        assert_eq!((none.range(), none.values.len()), (None, 0));
        let far_line = [[-9e6, 0.0], [9e6, 0.0]];
        let far = sample(&small, &Scale::of(None), far_line, boxed(1e9));
        assert_eq!(far.values.len(), ALONG_MAX);
    }
}
