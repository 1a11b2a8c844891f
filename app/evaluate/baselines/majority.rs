//! The baseline that never looks at the image: how common each class was in training.
//!
//! Called by `evaluate`'s runs in `worker`.

use super::{CLASSES, UNIFORM};

/// Shares of the classes in training.
#[derive(Clone, Debug, PartialEq)]
pub struct Majority {
    shares: [f64; CLASSES],
}

impl Majority {
    /// Counts the classes of the training images.
    pub fn fit(classes: &[usize]) -> Self {
        let mut counts = [0_usize; CLASSES];
        for class in classes {
            if let Some(count) = counts.get_mut(*class) {
                *count += 1;
            }
        }
        let total: usize = counts.iter().sum();
        let shares = if total == 0 {
            UNIFORM
        } else {
            counts.map(|count| count as f64 / total as f64)
        };
        Majority { shares }
    }

    /// The same for every image: the share of each class, 0 to 1, adding up to 1; all alike
    /// without any training image.
    pub fn predict(&self) -> [f64; CLASSES] {
        self.shares
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_those_of_the_training_classes() {
        let shares = Majority::fit(&[3, 3, 9, 3, 77]).predict();
        assert_eq!((shares[3], shares[9], shares[0]), (0.75, 0.25, 0.0));
    }

    #[test]
    fn without_training_all_classes_are_alike() {
        assert_eq!(Majority::fit(&[]).predict(), UNIFORM);
        assert_eq!(Majority::fit(&[CLASSES]).predict(), UNIFORM);
    }
}
