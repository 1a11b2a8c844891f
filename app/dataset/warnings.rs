//! Collects what is wrong with the data, bounded: a million bad lines cost a hundred sentences.
//!
//! Never prints. Called by the readers of `dataset`.

const KEPT: usize = 100;

/// Sentences about what was left out; the first hundred are kept, the others counted.
#[derive(Default)]
pub(super) struct Warnings {
    kept: Vec<String>,
    left_out: usize,
}

impl Warnings {
    pub(super) fn add(&mut self, sentence: String) {
        if self.kept.len() < KEPT {
            self.kept.push(sentence);
        } else {
            self.left_out += 1;
        }
    }

    pub(super) fn into_sentences(mut self) -> Vec<String> {
        if self.left_out > 0 {
            self.kept
                .push(format!("{} more warnings are not shown.", self.left_out));
        }
        self.kept
    }
}
