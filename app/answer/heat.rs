//! Where a model looked in the image when it wrote a word: a hint at what mattered to it, no
//! evidence of it.

/// How much each place of a prepared image was looked at, in cells of one size that cover all of
/// it.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    columns: usize,
    rows: usize,
    values: Vec<f32>,
}

impl HeatMap {
    /// Values from 0 to 1, row by row; none where their number does not fit, one is no number or
    /// lies beyond.
    pub fn new(columns: usize, rows: usize, values: Vec<f32>) -> Option<Self> {
        let fits = columns.checked_mul(rows) == Some(values.len()) && !values.is_empty();
        let is_sound = values.iter().all(|value| (0.0..=1.0).contains(value));
        (fits && is_sound).then_some(Self {
            columns,
            rows,
            values,
        })
    }

    /// Cells in a row, and rows.
    pub fn size(&self) -> [usize; 2] {
        [self.columns, self.rows]
    }

    /// Row by row, 0 to 1; more is more.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The value at a place, each from 0 to 1 over the image: that of a cell in its middle, and
    /// between the middles a smooth curve that never leaves the values around it.
    pub fn at(&self, x: f32, y: f32) -> f32 {
        let (columns, from_x) = around(x, self.columns);
        let (rows, from_y) = around(y, self.rows);
        let value = |column: usize, row: usize| {
            let place = row * self.columns + column;
            self.values.get(place).copied().unwrap_or(0.0)
        };
        let mix = |a: f32, b: f32, share: f32| a + (b - a) * share;
        let [above, below] =
            rows.map(|row| mix(value(columns[0], row), value(columns[1], row), from_x));
        mix(above, below, from_y)
    }
}

/// The two cells around a place, and how far it is from the middle of the first to that of the
/// second, eased.
fn around(place: f32, cells: usize) -> ([usize; 2], f32) {
    let last = cells.saturating_sub(1);
    // `clamp` keeps a NaN, and the cast below makes it 0.
    let at = (place * cells as f32 - 0.5).clamp(0.0, last as f32);
    let first = (at.floor() as usize).min(last);
    let share = at - first as f32;
    let eased = share * share * (3.0 - 2.0 * share);
    (
        [first, (first + 1).min(last)],
        if eased.is_finite() { eased } else { 0.0 },
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_cell_has_its_value_and_between_lies_what_is_between() {
        let heat = HeatMap::new(2, 2, vec![0.0, 1.0, 0.5, 0.25]).unwrap();
        for (x, y, value) in [
            (0.25, 0.25, 0.0),
            (0.75, 0.25, 1.0),
            (0.25, 0.75, 0.5),
            (0.75, 0.75, 0.25),
            (0.5, 0.25, 0.5),
            (1.0, 0.0, 1.0),
            (0.0, 1.0, 0.5),
        ] {
            assert!((heat.at(x, y) - value).abs() < 1e-6, "at {x}, {y}");
        }
        for step in 0..=40 {
            let place = step as f32 / 40.0;
            assert!((0.0..=1.0).contains(&heat.at(place, 1.0 - place)));
        }
        assert_eq!(heat.at(f32::NAN, -7.0), heat.at(0.0, 0.0));
    }

    #[test]
    fn what_is_no_map_is_none() {
        for (columns, rows, values) in [
            (2, 2, vec![0.0; 3]),
            (0, 0, Vec::new()),
            (usize::MAX, 2, vec![0.0; 4]),
            (1, 1, vec![f32::NAN]),
            (1, 1, vec![1.5]),
        ] {
            assert_eq!(HeatMap::new(columns, rows, values), None);
        }
    }
}
