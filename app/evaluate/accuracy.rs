//! How well the material is predicted: top-1, top-5, macro F1 and a table by category.
//!
//! Called by reports on trained models. Never chooses a threshold: it takes the ten probabilities
//! as they are.

use crate::answer::Classification;
use crate::questions::Category;
use std::fmt;

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

impl Accuracy {
    /// Scores predictions, each beside its true category; `None` without any. Of equally probable
    /// categories the first of [`Category::ALL`] ranks first.
    pub fn of(predictions: &[(Category, Classification)]) -> Option<Accuracy> {
        let zero = |category| CategoryScore {
            category,
            images: 0,
            predicted: 0,
            correct: 0,
        };
        let mut categories = Category::ALL.map(zero);
        let (mut top1, mut top5) = (0, 0);
        for (truth, prediction) in predictions {
            let ranked = prediction.ranked();
            let rank = ranked.iter().position(|(category, _)| category == truth);
            top1 += usize::from(rank == Some(0));
            top5 += usize::from(rank.is_some_and(|rank| rank < 5));
            categories[truth.index()].images += 1;
            categories[truth.index()].correct += usize::from(rank == Some(0));
            if let Some((best, _)) = ranked.first() {
                categories[best.index()].predicted += 1;
            }
        }
        let f1: Vec<f64> = categories.iter().filter_map(CategoryScore::f1).collect();
        Some(Accuracy {
            images: predictions.len(),
            top1: share(top1, predictions.len())?,
            top5: share(top5, predictions.len())?,
            macro_f1: f1.iter().sum::<f64>() / f1.len() as f64,
            categories: categories.to_vec(),
        })
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
