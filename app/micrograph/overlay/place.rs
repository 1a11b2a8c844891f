//! A rectangle of whole pixels of a plane, with the arithmetic that finding overlays needs.

use super::Rect;

/// Columns `x0..x1` and rows `y0..y1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The first column.
    pub x0: usize,
    /// The first row.
    pub y0: usize,
    /// Beyond the last column.
    pub x1: usize,
    /// Beyond the last row.
    pub y1: usize,
}

impl Place {
    /// Columns.
    pub fn width(&self) -> usize {
        self.x1.saturating_sub(self.x0)
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.y1.saturating_sub(self.y0)
    }

    /// Pixels.
    pub fn area(&self) -> usize {
        self.width() * self.height()
    }

    /// Whether it has no pixel.
    pub fn is_empty(&self) -> bool {
        self.area() == 0
    }

    /// The longer side.
    pub fn longer(&self) -> usize {
        self.width().max(self.height())
    }

    /// The smallest place that holds both.
    pub fn with(&self, other: &Self) -> Self {
        Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }

    /// The part of `other` that lies in this place, 0 to 1.
    pub fn share_of(&self, other: &Self) -> f32 {
        let wide = self.x1.min(other.x1).saturating_sub(self.x0.max(other.x0));
        let tall = self.y1.min(other.y1).saturating_sub(self.y0.max(other.y0));
        (wide * tall) as f32 / other.area().max(1) as f32
    }

    /// Rows that both have.
    pub fn common_rows(&self, other: &Self) -> usize {
        self.y1.min(other.y1).saturating_sub(self.y0.max(other.y0))
    }

    /// Columns between both; 0 where they touch or overlap.
    pub fn gap_to(&self, other: &Self) -> usize {
        let right = other.x0.saturating_sub(self.x1);
        right.max(self.x0.saturating_sub(other.x1))
    }

    /// Whether it reaches the edge of an image of `size`.
    pub fn touches_edge(&self, size: [usize; 2]) -> bool {
        self.x0 == 0 || self.y0 == 0 || self.x1 >= size[0] || self.y1 >= size[1]
    }

    /// Larger by some pixels on every side, within an image of `size`.
    pub fn grown(&self, by: usize, size: [usize; 2]) -> Self {
        Self {
            x0: self.x0.saturating_sub(by),
            y0: self.y0.saturating_sub(by),
            x1: (self.x1 + by).min(size[0]),
            y1: (self.y1 + by).min(size[1]),
        }
    }

    /// The same for other code.
    pub fn rect(&self) -> Rect {
        [self.x0, self.y0, self.x1, self.y1].map(|side| side as u32)
    }

    /// With columns and rows changed for each other.
    pub fn turned(&self) -> Self {
        Self {
            x0: self.y0,
            y0: self.x0,
            x1: self.y1,
            y1: self.x1,
        }
    }
}

impl From<Rect> for Place {
    fn from([x0, y0, x1, y1]: Rect) -> Self {
        let [x0, y0, x1, y1] = [x0, y0, x1, y1].map(|side| side as usize);
        Self { x0, y0, x1, y1 }
    }
}
