//! What of a data folder is tested in a round, and what is learned from: questions are drawn here.
//!
//! Opens no image. Called by `evaluation`.

use super::{EvaluationError, Round};
use crate::dataset::{self, Dataset, Example, Part};
use crate::questions::Key;
use crate::worker::protocol::EvaluateJob;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::collections::HashSet;
use std::path::PathBuf;

/// Questions that are asked of other images too, over all rounds.
const CONTROLS: usize = 200;
/// Images whose known numbers are held against measured ones, over all rounds.
const MEASURED: usize = 200;
/// Warnings about the data that a report repeats.
const SHOWN: usize = 4;

/// What is tested in a round, and what is learned from.
pub(super) struct Tested {
    /// What baselines learn from.
    pub training: Vec<Example>,
    /// What is tested, in the order of the data.
    pub tests: Vec<Test>,
    /// How many answers were drawn.
    pub answers: Drawn,
    /// How many images were drawn whose known numbers are checked.
    pub checks: Drawn,
}

/// How many were drawn of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Drawn {
    pub drawn: usize,
    pub of: usize,
}

impl Drawn {
    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self {
            drawn: self.drawn + other.drawn,
            of: self.of + other.of,
        }
    }

    /// Whether some were left out.
    pub fn leaves_some(self) -> bool {
        self.drawn < self.of
    }
}

/// An image that is tested.
pub(super) struct Test {
    pub example: Example,
    /// The questions that were drawn for it.
    pub questions: Vec<Question>,
    /// Whether its known numbers are held against measured ones.
    pub is_measured: bool,
    /// An image of another specimen.
    pub elsewhere: Option<PathBuf>,
}

/// A question with what should be answered.
pub(super) struct Question {
    pub key: Key,
    pub references: Vec<String>,
    /// Whether it is asked of other images too.
    pub has_controls: bool,
}

impl Tested {
    /// Reads the folder for a round, counted from 0, of several; what a reader must know goes to
    /// `notes`.
    pub fn read(
        job: &EvaluateJob,
        round: &Round,
        place: (usize, usize),
        notes: &mut Vec<String>,
    ) -> Result<Self, EvaluationError> {
        let data = dataset::read_folder(&job.data, round.seed, round.deal)?;
        check(job, &data)?;
        note_warnings(&data.warnings, notes);
        let has_test = data
            .examples
            .iter()
            .any(|example| example.part == Part::Test);
        if !has_test && job.train.is_some() {
            return Err(EvaluationError::NoTestPart);
        }
        let tested = if has_test { Part::Test } else { Part::Val };
        let parted = data.examples.into_iter();
        let (tests, rest): (Vec<_>, Vec<_>) = parted.partition(|one| one.part == tested);
        let training = rest.into_iter();
        let training = training.filter(|one| one.part == Part::Train && one.teaches());
        if tests.is_empty() {
            return Err(EvaluationError::NothingToTest(job.data.clone()));
        }
        if !has_test {
            let sentence = "Tested on the part that the folder keeps for validation: a model that was trained on this folder chose its epoch by it, which flatters it.";
            if !notes.iter().any(|note| note == sentence) {
                notes.push(sentence.into());
            }
        }
        let mut tests = with_neighbours(tests);
        let [answers, checks] = draw(&mut tests, job, round.seed, place);
        Ok(Self {
            training: training.collect(),
            tests,
            answers,
            checks,
        })
    }
}

/// The first few of what was left out, and how many more there are.
fn note_warnings(warnings: &[String], notes: &mut Vec<String>) {
    for warning in warnings.iter().take(SHOWN) {
        if !notes.contains(warning) {
            notes.push(warning.clone());
        }
    }
    let more = warnings.len().saturating_sub(SHOWN);
    let sentence = format!("{more} more lines or files of the folder were left out.");
    if more > 0 && !notes.contains(&sentence) {
        notes.push(sentence);
    }
}

fn check(job: &EvaluateJob, data: &Dataset) -> Result<(), EvaluationError> {
    let Some(folds) = job.folds else {
        return Ok(());
    };
    let specimens: HashSet<&str> = data
        .examples
        .iter()
        .map(|one| one.specimen.as_str())
        .collect();
    match specimens.len() < folds {
        true => Err(EvaluationError::FewSpecimens {
            folds,
            specimens: specimens.len(),
        }),
        false => Ok(()),
    }
}

/// Each image with its questions and the next image of another specimen.
fn with_neighbours(tests: Vec<Example>) -> Vec<Test> {
    let count = tests.len();
    let elsewhere = |place: usize| {
        let others = (1..count).filter_map(|step| tests.get((place + step) % count));
        let mut others = others.filter(|other| other.specimen != tests[place].specimen);
        others.next().map(|other| other.image.clone())
    };
    let elsewhere: Vec<Option<PathBuf>> = (0..count).map(elsewhere).collect();
    let with = tests.into_iter().zip(elsewhere);
    with.map(|(example, elsewhere)| Test {
        questions: questions(&example),
        is_measured: false,
        elsewhere,
        example,
    })
    .collect()
}

/// The questions of an example; several answers to one are its references.
fn questions(example: &Example) -> Vec<Question> {
    let mut questions: Vec<Question> = Vec::new();
    for (key, text) in &example.answers {
        match questions.iter_mut().find(|question| question.key == *key) {
            Some(question) => question.references.push(text.clone()),
            None => questions.push(Question {
                key: *key,
                references: vec![text.clone()],
                has_controls: false,
            }),
        }
    }
    questions
}

/// What of a number falls to a round, counted from 0, of several.
fn part_of(number: usize, (round, of): (usize, usize)) -> usize {
    number / of + usize::from(round < number % of)
}

/// Keeps as many questions as are asked for, and chooses controls and measured images among them.
fn draw(tests: &mut [Test], job: &EvaluateJob, seed: u64, place: (usize, usize)) -> [Drawn; 2] {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut places: Vec<(usize, Key)> = tests
        .iter()
        .enumerate()
        .flat_map(|(place, test)| test.questions.iter().map(move |one| (place, one.key)))
        .collect();
    let all = places.len();
    places.shuffle(&mut rng);
    places.truncate(part_of(job.answers, place));
    let answers = Drawn {
        drawn: places.len(),
        of: all,
    };
    let kept: HashSet<(usize, Key)> = places.iter().copied().collect();
    let controls = if job.baselines {
        part_of(CONTROLS, place)
    } else {
        0
    };
    let controls: HashSet<(usize, Key)> = places.into_iter().take(controls).collect();
    for (place, test) in tests.iter_mut().enumerate() {
        test.questions
            .retain(|one| kept.contains(&(place, one.key)));
        for question in &mut test.questions {
            question.has_controls = controls.contains(&(place, question.key));
        }
    }
    let mut known: Vec<&mut Test> = tests
        .iter_mut()
        .filter(|test| !test.example.known.is_empty())
        .collect();
    known.shuffle(&mut rng);
    let checks = Drawn {
        drawn: known.len().min(part_of(MEASURED, place)),
        of: known.len(),
    };
    for test in known.into_iter().take(checks.drawn) {
        test.is_measured = true;
    }
    [answers, checks]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::dataset::Known;

    fn example(name: &str, specimen: &str, answers: usize) -> Example {
        let answers = Key::ALL.into_iter().cycle().take(answers);
        Example {
            image: name.into(),
            file: name.into(),
            category: None,
            specimen: specimen.into(),
            part: Part::Test,
            known: Known {
                count: Some(3.0),
                ..Known::default()
            },
            answers: answers
                .map(|key| (key, format!("{name} says so.")))
                .collect(),
        }
    }

    #[test]
    fn the_other_image_shows_another_specimen() {
        let tests = with_neighbours(vec![
            example("a1", "a", 1),
            example("a2", "a", 1),
            example("b", "b", 1),
        ]);
        let names: Vec<_> = tests.iter().map(|test| test.elsewhere.clone()).collect();
        let expected = ["b", "b", "a1"].map(|name| Some(PathBuf::from(name)));
        assert_eq!(names, expected);
        assert_eq!(
            with_neighbours(vec![example("a", "a", 1)])[0].elsewhere,
            None
        );
    }

    #[test]
    fn several_answers_to_a_question_are_its_references() {
        let questions = questions(&example("a", "a", 24));
        assert_eq!(questions.len(), 22);
        assert_eq!(questions[0].references.len(), 2);
    }

    #[test]
    fn as_many_questions_are_drawn_as_are_asked_for_and_always_the_same() {
        let job = EvaluateJob {
            answers: 40,
            ..EvaluateJob::new("x".into())
        };
        let drawn = || {
            let examples = (0..30).map(|i| example(&format!("{i}"), &format!("{i}"), 5));
            let mut tests = with_neighbours(examples.collect());
            let [answers, _] = draw(&mut tests, &job, 3, (0, 2));
            let names = |test: &Test| test.questions.iter().map(|one| one.key).collect::<Vec<_>>();
            (tests.iter().map(names).collect::<Vec<_>>(), answers)
        };
        let (questions, answers) = drawn();
        assert_eq!(questions.iter().map(Vec::len).sum::<usize>(), 20);
        assert_eq!(drawn().0, questions);
        let expected = Drawn { drawn: 20, of: 150 };
        assert!(answers == expected && answers.leaves_some());
        let parts = (0..3).map(|round| part_of(7, (round, 3)));
        assert_eq!(parts.collect::<Vec<_>>(), [3, 2, 2]);
    }
}
