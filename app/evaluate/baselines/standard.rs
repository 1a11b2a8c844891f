//! Brings features to one scale: each column's mean becomes 0 and its standard deviation 1.
//!
//! Never learns from the rows it is applied to. Called by `evaluate`'s runs in `worker`, before
//! [`Neighbours`](super::Neighbours) and [`Probe`](super::Probe).

use super::{feature, width};

/// Mean and spread of each column of the training rows, as scikit-learn's `StandardScaler` has
/// them (Pedregosa et al. 2011).
#[derive(Clone, Debug, PartialEq)]
pub struct Standard {
    columns: Vec<Column>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Column {
    mean: f64,
    /// One over the standard deviation; 0 in a constant column.
    scale: f64,
}

impl Standard {
    /// Measures the columns of `rows`; what a short row lacks counts as 0.
    pub fn fit(rows: &[Vec<f64>]) -> Standard {
        let width = width(rows.iter().map(Vec::as_slice));
        let columns = (0..width).map(|column| Column::of(rows, column));
        Standard {
            columns: columns.collect(),
        }
    }

    /// A row in standard deviations from the mean, as long as the longest training row; 0 in
    /// columns that were constant in training.
    pub fn apply(&self, row: &[f64]) -> Vec<f64> {
        let columns = self.columns.iter().enumerate();
        columns
            .map(|(at, column)| (feature(row, at) - column.mean) * column.scale)
            .collect()
    }
}

impl Column {
    fn of(rows: &[Vec<f64>], column: usize) -> Column {
        let values = || rows.iter().map(|row| feature(row, column));
        let count = rows.len() as f64;
        let mean = values().sum::<f64>() / count;
        let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        // What rounding alone leaves in a constant column, as scikit-learn bounds it.
        let rounding = count * f64::EPSILON;
        let is_constant = variance <= rounding * variance + (rounding * mean).powi(2);
        let scale = if is_constant {
            0.0
        } else {
            1.0 / variance.sqrt()
        };
        Column { mean, scale }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_get_mean_0_and_deviation_1() {
        let rows = [vec![1.0, 10.0], vec![3.0, 30.0]];
        let standard = Standard::fit(&rows);
        assert_eq!(standard.apply(&rows[0]), [-1.0, -1.0]);
        assert_eq!(standard.apply(&[4.0, 20.0]), [2.0, 0.0]);
    }

    #[test]
    fn a_constant_column_becomes_0() {
        let rows = vec![vec![0.1, 0.0]; 1000];
        let standard = Standard::fit(&rows);
        assert_eq!(standard.apply(&rows[0]), [0.0, 0.0]);
        assert_eq!(standard.apply(&[5.0, 5.0]), [0.0, 0.0]);
    }

    #[test]
    fn rows_of_any_length_are_taken() {
        assert!(Standard::fit(&[]).apply(&[1.0]).is_empty());
        let standard = Standard::fit(&[vec![], vec![2.0]]);
        assert_eq!(standard.apply(&[]), [-1.0]);
        assert_eq!(standard.apply(&[2.0, 7.0]), [1.0]);
    }
}
