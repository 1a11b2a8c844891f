//! How well the material is predicted: top-1, top-5, macro F1, a table by category, which category
//! was taken for which, and how far the probabilities can be believed.
//!
//! Called by reports on trained models. Never chooses a threshold: it takes the ten probabilities
//! as they are.

use super::resample::Sums;
use crate::answer::Classification;
use crate::questions::Category;
use std::fmt;

/// Bins of equal width that probabilities are judged in.
const BINS: usize = 10;

/// Predictions beside what is true, counted; counts of several sets add up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// How often each category (row) was taken for each (column), in the order of
    /// [`Category::ALL`].
    pub confusion: [[usize; 10]; 10],
    among_five: usize,
    bins: [Bin; BINS],
}

/// Predictions of about the same probability.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Bin {
    count: usize,
    right: usize,
    /// Their sum.
    probabilities: f64,
}

/// Scores of predictions against the known materials.
#[derive(Clone, Debug, PartialEq)]
pub struct Accuracy {
    /// Images scored, at least one.
    pub images: usize,
    /// Share of images whose most probable category is right, 0 to 1.
    pub top1: f64,
    /// Share of images with the right category among the five most probable, 0 to 1.
    pub top5: f64,
    /// Mean F1 over the categories that were there or were predicted, 0 to 1.
    pub macro_f1: f64,
    /// Expected calibration error: how far the probability of the best category is from the share
    /// that is right, over ten bins by their images, 0 to 1 (Guo et al., 2017).
    pub calibration_error: f64,
    /// One row a category, in the order of [`Category::ALL`].
    pub categories: Vec<CategoryScore>,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CategoryScore {
    /// The category.
    pub category: Category,
    /// Images of it.
    pub images: usize,
    /// Images taken for it.
    pub predicted: usize,
    /// Images of it that were taken for it.
    pub correct: usize,
}

impl CategoryScore {
    /// Share of those taken for it that are; `None` where none was.
    pub fn precision(&self) -> Option<f64> {
        share(self.correct, self.predicted)
    }

    /// Share of its images that were found; `None` where there is none.
    pub fn recall(&self) -> Option<f64> {
        share(self.correct, self.images)
    }

    /// Harmonic mean of precision and recall, 0 where one of them is; `None` where the category
    /// neither was there nor was predicted.
    pub fn f1(&self) -> Option<f64> {
        share(2 * self.correct, self.images + self.predicted)
    }
}

impl Tally {
    /// Counts a prediction. Of equally probable categories the first of [`Category::ALL`] ranks
    /// first.
    pub fn count(&mut self, truth: Category, prediction: &Classification) {
        let ranked = prediction.ranked();
        let rank = ranked.iter().position(|(category, _)| *category == truth);
        let Some((best, probability)) = ranked.first() else {
            return;
        };
        self.confusion[truth.index()][best.index()] += 1;
        self.among_five += usize::from(rank.is_some_and(|rank| rank < 5));
        let probability = f64::from(*probability);
        let place = (probability * BINS as f64).ceil() as usize;
        let bin = &mut self.bins[place.clamp(1, BINS) - 1];
        bin.count += 1;
        bin.right += usize::from(rank == Some(0));
        bin.probabilities += probability;
    }

    /// Predictions counted.
    pub fn images(&self) -> usize {
        self.confusion.iter().flatten().sum()
    }

    /// The row of a category.
    pub fn category(&self, category: Category) -> CategoryScore {
        let place = category.index();
        CategoryScore {
            category,
            images: self.confusion[place].iter().sum(),
            predicted: self.confusion.iter().map(|row| row[place]).sum(),
            correct: self.confusion[place][place],
        }
    }

    /// Mean probability, share that was right, and how many, of each bin that has any.
    pub fn reliability(&self) -> Vec<(f64, f64, usize)> {
        let filled = self.bins.iter().filter(|bin| bin.count > 0);
        filled
            .map(|bin| {
                let count = bin.count as f64;
                (
                    bin.probabilities / count,
                    bin.right as f64 / count,
                    bin.count,
                )
            })
            .collect()
    }

    /// The figures; `None` without any prediction.
    pub fn accuracy(&self) -> Option<Accuracy> {
        let images = self.images();
        let categories: Vec<CategoryScore> = Category::ALL
            .iter()
            .map(|one| self.category(*one))
            .collect();
        let f1: Vec<f64> = categories.iter().filter_map(CategoryScore::f1).collect();
        let correct = categories.iter().map(|row| row.correct).sum();
        let off = |(probability, right, count): (f64, f64, usize)| {
            (probability - right).abs() * count as f64 / images as f64
        };
        Some(Accuracy {
            images,
            top1: share(correct, images)?,
            top5: share(self.among_five, images)?,
            macro_f1: f1.iter().sum::<f64>() / f1.len() as f64,
            calibration_error: self.reliability().into_iter().map(off).sum(),
            categories,
        })
    }
}

impl Sums for Tally {
    fn add(&mut self, other: &Self, times: u32) {
        let times = times as usize;
        for (row, others) in self.confusion.iter_mut().zip(&other.confusion) {
            for (cell, others) in row.iter_mut().zip(others) {
                *cell += others * times;
            }
        }
        self.among_five += other.among_five * times;
        for (bin, others) in self.bins.iter_mut().zip(&other.bins) {
            bin.count += others.count * times;
            bin.right += others.right * times;
            bin.probabilities += others.probabilities * times as f64;
        }
    }
}

impl Accuracy {
    /// Scores predictions, each beside its true category; `None` without any.
    pub fn of(predictions: &[(Category, Classification)]) -> Option<Accuracy> {
        let mut tally = Tally::default();
        for (truth, prediction) in predictions {
            tally.count(*truth, prediction);
        }
        tally.accuracy()
    }
}

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The table as text, one line a category, then the totals.
impl fmt::Display for Accuracy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |value: Option<f64>| value.map_or("-".into(), |value| format!("{value:.3}"));
        writeln!(
            f,
            "{:<28} {:>6} {:>9} {:>6} {:>6}",
            "category", "images", "precision", "recall", "F1"
        )?;
        for row in &self.categories {
            let (precision, recall, f1) = (
                number(row.precision()),
                number(row.recall()),
                number(row.f1()),
            );
            writeln!(
                f,
                "{:<28} {:>6} {precision:>9} {recall:>6} {f1:>6}",
                row.category.name(),
                row.images
            )?;
        }
        let Accuracy {
            images,
            top1,
            top5,
            macro_f1,
            ..
        } = self;
        write!(
            f,
            "{images} images: top-1 {top1:.3}, top-5 {top5:.3}, macro F1 {macro_f1:.3}"
        )
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn prediction(best: Category, probability: f32) -> Classification {
        let mut probabilities = [(1.0 - probability) / 9.0; 10];
        probabilities[best.index()] = probability;
        Classification {
            probabilities,
            none_of_these: false,
        }
    }

    #[test]
    fn calibration_is_off_by_what_certainty_and_truth_differ() {
        let (right, wrong) = (Category::Tips, Category::Powder);
        let predictions: Vec<_> = (0..10)
            .map(|i| (if i < 6 { right } else { wrong }, prediction(right, 0.9)))
            .collect();
        let accuracy = Accuracy::of(&predictions).unwrap();
        assert!((accuracy.calibration_error - 0.3).abs() < 1e-6);
        let mut tally = Tally::default();
        predictions
            .iter()
            .for_each(|(truth, one)| tally.count(*truth, one));
        let bins = tally.reliability();
        assert_eq!(bins.len(), 1);
        assert!((bins[0].0 - 0.9).abs() < 1e-6 && bins[0].1 == 0.6 && bins[0].2 == 10);
        assert_eq!(tally.confusion[wrong.index()][right.index()], 4);
    }

    #[test]
    fn counts_add_up() {
        let mut tally = Tally::default();
        tally.count(Category::Tips, &prediction(Category::Tips, 0.35));
        let mut twice = tally.clone();
        twice.add(&tally, 1);
        let mut also = Tally::default();
        also.add(&tally, 2);
        assert_eq!(twice, also);
        assert_eq!(twice.images(), 2);
    }
}
