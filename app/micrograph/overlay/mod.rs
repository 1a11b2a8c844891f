//! Finds what was drawn over a micrograph: frames and gutters of composite figures, insets,
//! outlines, arrows, letters and lines of print, and anything coloured on grey.
//!
//! Drawn ink is even, ends within a pixel or two and has a shape of its own; what is only some
//! of this is taken for specimen, because a specimen left out is worse than an arrow left in.
//! Looks at grey values and saturation alone, on a reduced plane, so that the same picture
//! always gives the same. How often it is right: docs/OVERLAYS.md. Called by `printed`.

mod arrow;
mod bands;
mod boxes;
mod colour;
mod ink;
mod outline;
mod place;
mod words;

pub use bands::panels;
pub use place::Place;

use super::scale_bar::{Plane, ScaleBar};
use ink::{Ink, Means};

/// Left, top, right, bottom in pixels; right and bottom are beyond the last pixel.
pub type Rect = [u32; 4];

/// Overlays of one image; a picture of nothing but letters has no more.
const MOST: usize = 256;

/// What was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OverlayKind {
    /// Paper around the image.
    Frame,
    /// Paper between the panels of a composite figure.
    Gutter,
    /// Another image in a frame.
    Inset,
    /// A piece of a drawn outline; what it encloses is specimen.
    Outline,
    /// Print, on the specimen or in a box of its own.
    Text,
    /// A scale bar outside a banner.
    ScaleBar,
    /// An arrow.
    Arrow,
    /// Something coloured on a grey image.
    Coloured,
}

impl OverlayKind {
    /// The word in lists and in `--json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Frame => "frame",
            Self::Gutter => "gutter",
            Self::Inset => "inset",
            Self::Outline => "outline",
            Self::Text => "text",
            Self::ScaleBar => "scale bar",
            Self::Arrow => "arrow",
            Self::Coloured => "coloured",
        }
    }
}

impl OverlayKind {
    /// The same in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Frame => "a frame",
            Self::Gutter => "the gaps between panels",
            Self::Inset => "an inset",
            Self::Outline => "an outline",
            Self::Text => "print",
            Self::ScaleBar => "a scale bar",
            Self::Arrow => "an arrow",
            Self::Coloured => "a coloured mark",
        }
    }
}

/// Something that was drawn over the specimen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Overlay {
    /// What it is.
    pub kind: OverlayKind,
    /// Where it is, in pixels of the image.
    pub rect: Rect,
}

/// What is known before: the banner, and the scale bar with its label.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// The information banner.
    pub banner: Option<Rect>,
    /// The scale bar.
    pub scale_bar: Option<&'a ScaleBar>,
}

/// Everything drawn over an image, in pixels of the plane. `saturation` has one value a pixel
/// where the image has colours.
pub fn find(plane: Plane, saturation: Option<&[u8]>, known: Known<'_>) -> Vec<Overlay> {
    let mut found = Found::new(plane, known.banner);
    for (kind, place) in bands::bands(plane, known.banner) {
        found.add(kind, place);
    }
    if let Some(saturation) = saturation {
        for place in colour::coloured(plane, saturation) {
            found.add(OverlayKind::Coloured, place);
        }
    }
    for place in boxes::with_print(plane) {
        found.add(OverlayKind::Text, place);
    }
    let means = Means::of(plane);
    let ink = |is_dark| Ink::of(plane, &means, is_dark);
    let (bright, dark) = rayon::join(|| ink(false), || ink(true));
    let inks = [bright, dark];
    for (kind, place) in outline::outlines(plane, &inks) {
        found.add(kind, place);
    }
    if let Some(bar) = known.scale_bar {
        let place = |x0: f64, y0: f64, x1: f64, y1: f64| Place {
            x0: x0.max(0.0) as usize,
            y0: y0.max(0.0) as usize,
            x1: (x1.ceil().max(0.0) as usize).min(plane.width()),
            y1: (y1.ceil().max(0.0) as usize).min(plane.height()),
        };
        let [left, top, right, bottom] = bar.label_box.map(f64::from);
        let bar = place(bar.x0, bar.y0, bar.x1, bar.y1);
        found.add(OverlayKind::ScaleBar, with_marks(bar, &inks));
        found.add(OverlayKind::Text, place(left, top, right, bottom));
    }
    for ink in &inks {
        let free: Vec<_> = ink
            .pieces()
            .iter()
            .filter(|piece| !found.holds(&piece.place))
            .collect();
        let words = words::words(plane, ink, &free);
        let is_free = |place: &Place| !words.iter().any(|word| word.share_of(place) > 0.5);
        for piece in free.iter().filter(|piece| is_free(&piece.place)) {
            if arrow::is_arrow(ink, piece) {
                for place in ink.cover(piece) {
                    found.add(OverlayKind::Arrow, place);
                }
            }
        }
        for word in words {
            found.add(OverlayKind::Text, word);
        }
    }
    found.overlays
}

/// A scale bar with its end marks, which are one piece of ink with it.
fn with_marks(bar: Place, inks: &[Ink; 2]) -> Place {
    let pieces = inks.iter().flat_map(Ink::pieces);
    let whole = pieces.map(|piece| piece.place).find(|place| {
        place.share_of(&bar) > 0.8
            && place.width() * 20 <= bar.width() * 23
            && place.height() * 2 <= bar.width()
    });
    whole.unwrap_or(bar)
}

/// What has been found, each thing once.
struct Found {
    overlays: Vec<Overlay>,
    /// Places within which nothing more is looked for.
    taken: Vec<Place>,
    size: [usize; 2],
}

impl Found {
    fn new(plane: Plane, banner: Option<Rect>) -> Self {
        Self {
            overlays: Vec::new(),
            taken: banner.map(Place::from).into_iter().collect(),
            size: [plane.width(), plane.height()],
        }
    }

    /// Whether a place lies in what has been found.
    fn holds(&self, place: &Place) -> bool {
        self.taken.iter().any(|taken| taken.share_of(place) > 0.6)
    }

    /// Adds a place with a pixel around it, where its ink fades.
    fn add(&mut self, kind: OverlayKind, place: Place) {
        if place.is_empty() || self.holds(&place) || self.overlays.len() >= MOST {
            return;
        }
        let place = match kind {
            OverlayKind::Frame | OverlayKind::Gutter => place,
            _ => place.grown(1, self.size),
        };
        // What a piece of an outline encloses is still looked at.
        self.taken.push(place);
        let rect = place.rect();
        self.overlays.push(Overlay { kind, rect });
    }
}
