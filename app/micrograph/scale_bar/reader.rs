//! The network that reads printed lines: six small convolutions, on the CPU, without a library.
//!
//! Gives for every second column of a line how likely each letter is there, or none (CTC).
//! Trained on rendered text by assets/recipe/label_reader.py. Called by `label`.

use super::line::{HEIGHT, Line};
use std::sync::OnceLock;

/// What the reader knows, in the order of its outputs; after them comes "no letter".
const LETTERS: &str =
    "0123456789.,:;=-+/%°µÅ*()_#&@'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz ";
/// The mark at the start of a file of weights.
const MAGIC: &[u8] = b"ASKEMLR1";

/// A layer: `weights[out][in][row][column]`, then one bias for each output.
struct Layer {
    shape: [usize; 4],
    weights: Vec<f32>,
    biases: Vec<f32>,
}

/// The reader and its letters.
pub struct Reader {
    layers: Vec<Layer>,
    letters: Vec<char>,
}

/// Values of several channels: `[channel][row][column]`.
struct Maps {
    values: Vec<f32>,
    rows: usize,
    columns: usize,
}

/// How likely each letter is at each place of a line; the last is "no letter".
pub struct Odds {
    values: Vec<f32>,
    classes: usize,
}

impl Odds {
    /// The odds place by place, from the left.
    pub fn places(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(self.classes)
    }
}

impl Reader {
    /// The reader inside the program, loaded once; None if its weights are damaged.
    pub fn shipped() -> Option<&'static Self> {
        static READER: OnceLock<Option<Reader>> = OnceLock::new();
        READER
            .get_or_init(|| Self::from_bytes(askem_assets::LABEL_READER))
            .as_ref()
    }

    /// Weights as the recipe writes them; None where their size or a value is wrong.
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let letters: Vec<char> = LETTERS.chars().collect();
        let classes = letters.len() + 1;
        let shapes = [
            [16, 1, 3, 3],
            [24, 16, 3, 3],
            [40, 24, 3, 3],
            [64, 40, 3, 3],
            [64, 64, 1, 5],
            [classes, 64, 1, 1],
        ];
        let mut values = bytes
            .strip_prefix(MAGIC)?
            .chunks(4)
            .map(|b| b.try_into().map(f32::from_le_bytes).unwrap_or(f32::NAN));
        let layers: Vec<Layer> = shapes
            .into_iter()
            .map(|shape| Layer {
                shape,
                weights: values.by_ref().take(shape.iter().product()).collect(),
                biases: values.by_ref().take(shape[0]).collect(),
            })
            .collect();
        let is_whole = layers.iter().all(|layer| {
            layer.weights.len() == layer.shape.iter().product::<usize>()
                && layer.biases.len() == layer.shape[0]
                && layer
                    .weights
                    .iter()
                    .chain(&layer.biases)
                    .all(|v| v.is_finite())
        });
        (is_whole && values.next().is_none()).then_some(Self { layers, letters })
    }

    /// The letters, in the order of the odds.
    pub fn letters(&self) -> &[char] {
        &self.letters
    }

    /// Reads a line.
    pub fn read(&self, line: &Line) -> Odds {
        let mut maps = Maps {
            values: line.values.clone(),
            rows: HEIGHT,
            columns: line.width,
        };
        // Rows and columns that one value stands for after each layer.
        let pools = [(2, 2), (2, 1), (2, 1), (1, 1), (1, 1), (1, 1)];
        for (number, (layer, pool)) in self.layers.iter().zip(pools).enumerate() {
            let pad_rows = if number < 3 { layer.shape[2] / 2 } else { 0 };
            maps = layer.apply(&maps, pad_rows);
            if number + 1 < self.layers.len() {
                maps.values.iter_mut().for_each(|v| *v = v.max(0.0));
            }
            if pool != (1, 1) {
                maps = maps.pooled(pool);
            }
        }
        let classes = self.letters.len() + 1;
        let mut values = Vec::with_capacity(classes * maps.columns);
        for column in 0..maps.columns {
            let of = |class: usize| maps.values[class * maps.columns + column];
            let most = (0..classes).map(of).fold(f32::MIN, f32::max);
            let sum: f32 = (0..classes).map(|class| (of(class) - most).exp()).sum();
            values.extend((0..classes).map(|class| (of(class) - most).exp() / sum));
        }
        Odds { values, classes }
    }
}

impl Layer {
    /// Convolves; columns keep their number, rows only where `pad_rows` allows.
    fn apply(&self, maps: &Maps, pad_rows: usize) -> Maps {
        let [outs, ins, kernel_rows, kernel_columns] = self.shape;
        let rows = maps.rows + 2 * pad_rows + 1 - kernel_rows;
        let columns = maps.columns;
        let half = kernel_columns / 2;
        let mut values = Vec::with_capacity(outs * rows * columns);
        for out in 0..outs {
            for row in 0..rows {
                let start = values.len();
                values.resize(start + columns, self.biases[out]);
                let sums = &mut values[start..];
                for input in 0..ins {
                    for ky in 0..kernel_rows {
                        let Some(from) = (row + ky).checked_sub(pad_rows) else {
                            continue;
                        };
                        if from >= maps.rows {
                            continue;
                        }
                        let from = &maps.values[(input * maps.rows + from) * columns..][..columns];
                        let kernel = &self.weights
                            [((out * ins + input) * kernel_rows + ky) * kernel_columns..]
                            [..kernel_columns];
                        for (kx, weight) in kernel.iter().enumerate() {
                            let (to_first, from_first) =
                                (half.saturating_sub(kx), kx.saturating_sub(half));
                            let count = columns.saturating_sub(to_first.max(from_first));
                            let to = &mut sums[to_first..to_first + count];
                            for (sum, value) in to.iter_mut().zip(&from[from_first..]) {
                                *sum += weight * value;
                            }
                        }
                    }
                }
            }
        }
        Maps {
            values,
            rows,
            columns,
        }
    }
}

impl Maps {
    /// The greatest of each `rows` x `columns` values.
    fn pooled(&self, (rows, columns): (usize, usize)) -> Self {
        let channels = self.values.len() / (self.rows * self.columns).max(1);
        let (new_rows, new_columns) = (self.rows / rows, self.columns / columns);
        let mut values = Vec::with_capacity(channels * new_rows * new_columns);
        for channel in 0..channels {
            for row in 0..new_rows {
                for column in 0..new_columns {
                    let mut most = f32::MIN;
                    for y in row * rows..(row + 1) * rows {
                        let start = (channel * self.rows + y) * self.columns + column * columns;
                        for value in &self.values[start..start + columns] {
                            most = most.max(*value);
                        }
                    }
                    values.push(most);
                }
            }
        }
        Self {
            values,
            rows: new_rows,
            columns: new_columns,
        }
    }
}
