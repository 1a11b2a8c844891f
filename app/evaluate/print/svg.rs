//! A plot of a report as SVG, to stand inside an HTML page.
//!
//! Draws what it is given and computes nothing but places and shades; writes no caption, which
//! the page sets itself. Words take the colour of the page, so that they read on light and on
//! dark; the cells of a heat map keep theirs. Called by `html`.

use super::{NOTHING, harmless, number};
use crate::evaluate::page::{Bar, Plot};
use std::fmt::Write;

/// Letters of a name that are drawn at most; the whole name is in the hint under the pointer.
const MOST_LETTERS: usize = 32;
/// Width of a letter, about, of names.
const LETTER: f64 = 6.6;
/// Where the axes from 0 to 1 have their ticks.
const TICKS: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];
/// Shades of a cell by its share of the row, evenly apart: one hue, so that it prints and is the
/// same to the colour-blind.
const RAMP: [[f64; 3]; 6] = [
    [244.0, 248.0, 252.0],
    [205.0, 224.0, 241.0],
    [139.0, 189.0, 222.0],
    [74.0, 146.0, 198.0],
    [23.0, 99.0, 170.0],
    [8.0, 48.0, 107.0],
];
/// The share from which white reads better on a cell than black.
const DARK: f64 = 0.7;
/// Around the cells where prediction and truth are the same.
const OUTLINE: &str = " stroke=\"#08306b\" stroke-width=\"1.5\"";

/// `plot` as an `<svg>` element.
pub fn svg(plot: &Plot) -> String {
    match plot {
        Plot::Confusion {
            caption,
            labels,
            counts,
        } => confusion(caption, labels, counts),
        Plot::Reliability { caption, bins } => reliability(caption, bins),
        Plot::Bars { caption, bars } => bar_chart(caption, bars),
    }
}

/// `text` as it may stand between tags and in quoted attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars().map(harmless) {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// The element around `inside`.
fn framed(caption: &str, (width, height): (f64, f64), inside: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"{}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         font-family=\"system-ui, 'Segoe UI', Roboto, Arial, sans-serif\" font-size=\"12\" \
         fill=\"currentColor\">\n{inside}</svg>",
        escaped(caption)
    )
}

fn nothing(caption: &str) -> String {
    let mut inside = String::new();
    words(&mut inside, (0.0, 20.0), "fill-opacity=\"0.7\"", NOTHING);
    framed(caption, (240.0, 30.0), &inside)
}

/// Words at a place, set as `attributes` say.
fn words(svg: &mut String, (x, y): (f64, f64), attributes: &str, words: &str) {
    let words = escaped(words);
    let _ = writeln!(
        svg,
        "<text x=\"{x:.2}\" y=\"{y:.2}\" {attributes}>{words}</text>"
    );
}

/// The title of an axis, around its middle; `turned` for one that goes up.
fn axis_title(svg: &mut String, (x, y): (f64, f64), turned: bool, title: &str) {
    let turn = match turned {
        true => format!(" transform=\"rotate(-90 {x:.2} {y:.2})\""),
        false => String::new(),
    };
    let attributes = format!("text-anchor=\"middle\" font-weight=\"600\"{turn}");
    words(svg, (x, y), &attributes, title);
}

/// A thin line of the page's colour.
fn line(svg: &mut String, from: (f64, f64), to: (f64, f64), opacity: f64) {
    let ((x1, y1), (x2, y2)) = (from, to);
    let _ = writeln!(
        svg,
        "<line x1=\"{x1:.2}\" y1=\"{y1:.2}\" x2=\"{x2:.2}\" y2=\"{y2:.2}\" \
         stroke=\"currentColor\" stroke-opacity=\"{opacity:.2}\"/>"
    );
}

/// A name no longer than fits.
fn shortened(name: &str) -> String {
    match name.char_indices().nth(MOST_LETTERS) {
        None => name.into(),
        Some(_) => name.chars().take(MOST_LETTERS - 1).chain(['…']).collect(),
    }
}

/// The room that the longest of `names` takes, as drawn.
fn room<'a>(names: impl Iterator<Item = &'a String>) -> f64 {
    let width = |name: &String| {
        let letters = shortened(name);
        let letters = letters
            .chars()
            .map(|c| if c.is_ascii() { 1.0 } else { 1.8 });
        letters.sum::<f64>() * LETTER
    };
    names.map(width).fold(0.0, f64::max)
}

/// What the parts of a heat map have in common.
struct Heat {
    left: f64,
    top: f64,
    cell: f64,
    side: f64,
}

fn confusion(caption: &str, labels: &[String], counts: &[Vec<usize>]) -> String {
    if labels.is_empty() {
        return nothing(caption);
    }
    let names = room(labels.iter());
    let cell = (480.0 / labels.len() as f64).clamp(24.0, 56.0);
    let heat = Heat {
        left: names + 36.0,
        top: 24.0,
        cell,
        side: cell * labels.len() as f64,
    };
    let mut inside = String::new();
    for (at, label) in labels.iter().enumerate() {
        let row = counts.get(at).map(Vec::as_slice).unwrap_or_default();
        heat_row(&mut inside, &heat, labels, at, row);
        column_name(&mut inside, &heat, at, label);
    }
    let (right, bottom) = (heat.left + heat.side, heat.top + heat.side);
    let muted = "font-size=\"11\" fill-opacity=\"0.7\" text-anchor=\"end\"";
    words(&mut inside, (right + 44.0, heat.top - 9.0), muted, "all");
    let middle = (12.0, heat.top + heat.side / 2.0);
    axis_title(&mut inside, middle, true, "true");
    // Names are turned by 45 degrees, so that they go down by less than they are long.
    let below = bottom + 0.71 * names + 40.0;
    let middle = (heat.left + heat.side / 2.0, below);
    axis_title(&mut inside, middle, false, "predicted");
    legend(&mut inside, (right + 76.0, heat.top), heat.side.min(200.0));
    framed(caption, (right + 150.0, below + 12.0), &inside)
}

/// A row: its name, its cells and how many there are in all.
fn heat_row(svg: &mut String, heat: &Heat, labels: &[String], at: usize, row: &[usize]) {
    let truth = labels.get(at).map(String::as_str).unwrap_or_default();
    let row = row.get(..labels.len()).unwrap_or(row);
    let all = row.iter().copied().fold(0, usize::saturating_add);
    let middle = heat.top + (at as f64 + 0.5) * heat.cell + 4.0;
    let name = shortened(truth);
    words(svg, (heat.left - 8.0, middle), "text-anchor=\"end\"", &name);
    for (column, (count, label)) in row.iter().zip(labels).enumerate() {
        let share = *count as f64 / all.max(1) as f64;
        let (x, y) = (
            heat.left + column as f64 * heat.cell,
            heat.top + at as f64 * heat.cell,
        );
        let hint = format!("{truth}, taken for {label}: {count} of {all}");
        let _ = writeln!(
            svg,
            "<g><title>{}</title><rect x=\"{:.2}\" y=\"{:.2}\" width=\"{3:.2}\" height=\"{3:.2}\" \
             fill=\"{4}\"{5}/>",
            escaped(&hint),
            x + 0.75,
            y + 0.75,
            heat.cell - 1.5,
            shade(share),
            if column == at { OUTLINE } else { "" }
        );
        let attributes = format!(
            "text-anchor=\"middle\" font-size=\"{:.2}\" fill=\"{}\"",
            (heat.cell / 3.6).clamp(9.0, 13.0),
            ink(share, *count)
        );
        let place = (x + heat.cell / 2.0, middle);
        words(svg, place, &attributes, &count.to_string());
        svg.push_str("</g>\n");
    }
    let place = (heat.left + heat.side + 44.0, middle);
    let muted = "text-anchor=\"end\" font-size=\"11\" fill-opacity=\"0.7\"";
    words(svg, place, muted, &all.to_string());
}

fn column_name(svg: &mut String, heat: &Heat, at: usize, label: &str) {
    let (x, y) = (
        heat.left + (at as f64 + 0.5) * heat.cell + 4.0,
        heat.top + heat.side + 14.0,
    );
    let attributes = format!("text-anchor=\"end\" transform=\"rotate(-45 {x:.2} {y:.2})\"");
    words(svg, (x, y), &attributes, &shortened(label));
}

/// What the shades say.
fn legend(svg: &mut String, (x, y): (f64, f64), height: f64) {
    const STEPS: u32 = 20;
    let step = height / f64::from(STEPS);
    for at in 0..STEPS {
        let share = f64::from(STEPS - 1 - at) / f64::from(STEPS - 1);
        let top = y + f64::from(at) * step;
        let _ = writeln!(
            svg,
            "<rect x=\"{x:.2}\" y=\"{top:.2}\" width=\"12.00\" height=\"{:.2}\" fill=\"{}\"/>",
            // A hair more than its step, or seams show.
            step + 0.3,
            shade(share)
        );
    }
    let muted = "font-size=\"11\" fill-opacity=\"0.7\"";
    for (share, down) in [("1.00", 0.0), ("0.50", 0.5), ("0.00", 1.0)] {
        words(svg, (x + 18.0, y + down * height + 4.0), muted, share);
    }
    words(svg, (x, y - 9.0), muted, "share of row");
}

/// The shade of a cell that has `share` of its row.
fn shade(share: f64) -> String {
    let place = share.clamp(0.0, 1.0) * (RAMP.len() - 1) as f64;
    let below = (place.floor() as usize).min(RAMP.len() - 2);
    let part = place - below as f64;
    let mixed =
        |at: usize| (RAMP[below][at] * (1.0 - part) + RAMP[below + 1][at] * part).round() as u8;
    format!("#{:02x}{:02x}{:02x}", mixed(0), mixed(1), mixed(2))
}

/// The colour of a count on a cell of that shade.
fn ink(share: f64, count: usize) -> &'static str {
    match share {
        _ if count == 0 => "#66717c",
        dark if dark >= DARK => "#ffffff",
        _ => "#000000",
    }
}

/// The square of a plot of two shares.
const SQUARE: f64 = 360.0;
/// Its left and upper edge.
const SQUARE_LEFT: f64 = 64.0;
const SQUARE_TOP: f64 = 18.0;

fn reliability(caption: &str, bins: &[(f64, f64, usize)]) -> String {
    let is_shown = |bin: &&(f64, f64, usize)| bin.2 > 0 && bin.0.is_finite() && bin.1.is_finite();
    let bins: Vec<&(f64, f64, usize)> = bins.iter().filter(is_shown).collect();
    let Some(most) = bins.iter().map(|bin| bin.2).max() else {
        return nothing(caption);
    };
    let mut inside = String::new();
    square(&mut inside);
    let path: Vec<String> = bins
        .iter()
        .map(|bin| on_square(bin.0, bin.1))
        .map(|(x, y)| format!("{x:.2},{y:.2}"))
        .collect();
    let _ = writeln!(
        inside,
        "<polyline points=\"{}\" fill=\"none\" style=\"stroke:var(--line,#08519c)\" \
         stroke-width=\"1.50\"/>",
        path.join(" ")
    );
    for bin in bins {
        point(&mut inside, *bin, most);
    }
    let size = (SQUARE_LEFT + SQUARE + 40.0, SQUARE_TOP + SQUARE + 56.0);
    framed(caption, size, &inside)
}

/// Where two shares are on the square.
fn on_square(across: f64, up: f64) -> (f64, f64) {
    (
        SQUARE_LEFT + across.clamp(0.0, 1.0) * SQUARE,
        SQUARE_TOP + (1.0 - up.clamp(0.0, 1.0)) * SQUARE,
    )
}

/// The axes, their titles and the diagonal.
fn square(svg: &mut String) {
    let bottom = SQUARE_TOP + SQUARE;
    for tick in TICKS {
        let opacity = if tick == 0.0 { 0.8 } else { 0.14 };
        line(svg, on_square(tick, 0.0), on_square(tick, 1.0), opacity);
        line(svg, on_square(0.0, tick), on_square(1.0, tick), opacity);
        let (x, y) = on_square(tick, tick);
        let text = number(tick);
        words(svg, (x, bottom + 18.0), "text-anchor=\"middle\"", &text);
        words(
            svg,
            (SQUARE_LEFT - 8.0, y + 4.0),
            "text-anchor=\"end\"",
            &text,
        );
    }
    let ((x1, y1), (x2, y2)) = (on_square(0.0, 0.0), on_square(1.0, 1.0));
    let _ = writeln!(
        svg,
        "<line x1=\"{x1:.2}\" y1=\"{y1:.2}\" x2=\"{x2:.2}\" y2=\"{y2:.2}\" \
         stroke=\"currentColor\" stroke-opacity=\"0.55\" stroke-dasharray=\"4 4\"/>"
    );
    let middle = (SQUARE_LEFT + SQUARE / 2.0, bottom + 42.0);
    axis_title(svg, middle, false, "mean probability");
    let middle = (14.0, SQUARE_TOP + SQUARE / 2.0);
    axis_title(svg, middle, true, "share right");
}

/// A point whose area goes by its count, with the count beside it.
fn point(svg: &mut String, (probability, right, count): (f64, f64, usize), most: usize) {
    let (x, y) = on_square(probability, right);
    let radius = (12.0 * (count as f64 / most as f64).sqrt()).max(3.5);
    let hint = format!(
        "mean probability {}, share right {}, {count} in all",
        number(probability),
        number(right)
    );
    let _ = writeln!(
        svg,
        "<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"{radius:.2}\" \
         style=\"fill:var(--bar,#4a92c6);stroke:var(--paper,#fff)\"><title>{hint}</title></circle>"
    );
    // Away from the diagonal, where the line between the points is least in the way.
    let (anchor, place) = match right > probability {
        true => ("end", (x - 0.7 * radius - 4.0, y - 0.7 * radius - 2.0)),
        false => ("start", (x + 0.7 * radius + 4.0, y + 0.7 * radius + 9.0)),
    };
    let attributes = format!(
        "text-anchor=\"{anchor}\" font-size=\"11\" paint-order=\"stroke\" stroke-width=\"3\" \
         style=\"stroke:var(--paper,#fff)\""
    );
    words(svg, place, &attributes, &count.to_string());
}

/// Width of a bar of 1.
const BAR: f64 = 380.0;
/// From a bar to the next.
const PITCH: f64 = 26.0;

fn bar_chart(caption: &str, bars: &[Bar]) -> String {
    if bars.is_empty() {
        return nothing(caption);
    }
    let left = room(bars.iter().map(|(name, ..)| name)) + 12.0;
    let bottom = 6.0 + PITCH * bars.len() as f64;
    let mut inside = String::new();
    for tick in TICKS {
        let x = left + tick * BAR;
        let opacity = if tick == 0.0 { 0.8 } else { 0.14 };
        line(&mut inside, (x, 4.0), (x, bottom + 4.0), opacity);
        let place = (x, bottom + 20.0);
        words(&mut inside, place, "text-anchor=\"middle\"", &number(tick));
    }
    for (at, bar) in bars.iter().enumerate() {
        let middle = 6.0 + (at as f64 + 0.5) * PITCH;
        one_bar(&mut inside, (left, middle), bar);
    }
    framed(caption, (left + BAR + 62.0, bottom + 30.0), &inside)
}

fn one_bar(svg: &mut String, (left, middle): (f64, f64), (name, value, ends): &Bar) {
    // NaN passes through `clamp`, and a length must not be one.
    let length = |value: f64| match value.is_nan() {
        true => 0.0,
        false => value.clamp(0.0, 1.0) * BAR,
    };
    let _ = writeln!(
        svg,
        "<rect x=\"{left:.2}\" y=\"{:.2}\" width=\"{:.2}\" height=\"{:.2}\" \
         style=\"fill:var(--bar,#4a92c6)\"><title>{}</title></rect>",
        middle - 8.0,
        length(*value),
        16.0,
        escaped(name)
    );
    let known = ends.filter(|(low, high)| low.is_finite() && high.is_finite());
    if let Some((low, high)) = known {
        let (low, high) = (left + length(low), left + length(high));
        line(svg, (low, middle), (high, middle), 1.0);
        for end in [low, high] {
            line(svg, (end, middle - 4.0), (end, middle + 4.0), 1.0);
        }
    }
    let baseline = middle + 4.0;
    let name = shortened(name);
    words(svg, (left - 8.0, baseline), "text-anchor=\"end\"", &name);
    let place = (left + BAR + 52.0, baseline);
    words(svg, place, "text-anchor=\"end\"", &number(*value));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confusion(labels: &[&str], counts: Vec<Vec<usize>>) -> Plot {
        Plot::Confusion {
            caption: "Taken for".into(),
            labels: labels.iter().map(|label| (*label).into()).collect(),
            counts,
        }
    }

    fn reliability(bins: Vec<(f64, f64, usize)>) -> Plot {
        Plot::Reliability {
            caption: "Sure and right".into(),
            bins,
        }
    }

    fn bars(bars: Vec<Bar>) -> Plot {
        Plot::Bars {
            caption: "Scores".into(),
            bars,
        }
    }

    fn assert_drawn(svg: &str) {
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        assert!(!svg.contains("=\"-"), "something is outside: {svg}");
    }

    #[test]
    fn a_plot_of_nothing_says_so() {
        let zeros = vec![(f64::NAN, f64::NAN, 0), (0.5, 0.5, 0)];
        for plot in [
            confusion(&[], Vec::new()),
            reliability(Vec::new()),
            reliability(zeros),
            bars(Vec::new()),
        ] {
            let svg = svg(&plot);
            assert_drawn(&svg);
            assert!(svg.contains(NOTHING));
        }
    }

    #[test]
    fn a_row_of_zeros_is_as_light_as_can_be() {
        let svg = svg(&confusion(
            &["Tips", "Powder"],
            vec![vec![0, 0], vec![1, 3]],
        ));
        assert_drawn(&svg);
        assert!(svg.contains("Tips, taken for Powder: 0 of 0"));
        assert!(svg.contains("Powder, taken for Powder: 3 of 4"));
        assert!(svg.matches(&shade(0.0)).count() >= 2);
    }

    #[test]
    fn rows_too_few_too_short_and_too_long_are_drawn() {
        let svg = svg(&confusion(
            &["a", "b", "c"],
            vec![vec![1], vec![1, 2, 3, 4]],
        ));
        assert_drawn(&svg);
        assert_eq!(svg.matches("taken for").count(), 4);
        assert!(svg.contains("b, taken for c: 3 of 6"));
    }

    #[test]
    fn values_outside_0_to_1_stay_inside_the_plot() {
        let wild = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -3.0, 7.0];
        let named = |value: f64| ("name".to_string(), value, Some((value, value)));
        assert_drawn(&svg(&bars(wild.map(named).to_vec())));
        assert_drawn(&svg(&reliability(
            wild.map(|value| (value, value, 2)).to_vec(),
        )));
    }

    #[test]
    fn a_whisker_goes_from_end_to_end() {
        let svg = svg(&bars(vec![("x".into(), 0.5, Some((0.25, 0.75)))]));
        let left = LETTER + 12.0;
        let (low, high) = (left + 0.25 * BAR, left + 0.75 * BAR);
        assert!(svg.contains(&format!(
            "<line x1=\"{low:.2}\" y1=\"19.00\" x2=\"{high:.2}\""
        )));
    }

    #[test]
    fn names_are_escaped_and_not_too_long() {
        let name = format!("<script>{}", "é".repeat(40));
        let svg = svg(&confusion(&[&name], vec![vec![1]]));
        assert_drawn(&svg);
        assert!(!svg.contains("<script"));
        assert!(svg.contains(&format!(">&lt;script&gt;{}…<", "é".repeat(23))));
    }

    #[test]
    fn the_same_plot_gives_the_same_bytes() {
        let plot = reliability(vec![(0.31, 0.25, 8), (0.92, 0.88, 120)]);
        assert_eq!(svg(&plot), svg(&plot));
    }

    /// Relative luminance of WCAG 2.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = u8::from_str_radix(&colour[at..at + 2], 16).map_or(0.0, f64::from) / 255.0;
            match value <= 0.040_45 {
                true => value / 12.92,
                false => ((value + 0.055) / 1.055).powf(2.4),
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    #[test]
    fn counts_read_on_every_shade() {
        for percent in 0..=100 {
            let share = f64::from(percent) / 100.0;
            let count = usize::from(percent > 0);
            let (ground, text) = (luminance(&shade(share)), luminance(ink(share, count)));
            let contrast = (ground.max(text) + 0.05) / (ground.min(text) + 0.05);
            assert!(contrast >= 4.5, "{contrast:.2} at {share}");
        }
    }

    #[test]
    fn a_greater_share_is_darker() {
        let shades: Vec<f64> = (0..=20)
            .map(|at| luminance(&shade(f64::from(at) / 20.0)))
            .collect();
        assert!(shades.windows(2).all(|pair| pair[0] > pair[1]));
    }
}
