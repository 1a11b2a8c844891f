//! From what an evaluation wrote down to its figures: classification, texts, numbers and truth.
//!
//! Pure. Every figure is taken over all tested images of all runs; its interval comes from drawing
//! specimens anew, its deviation from the runs. Called by `worker::evaluation`.

use super::accuracy::Tally;
use super::judged::{TruthFigures, Verdicts};
use super::numbers::NumberFigures;
use super::record::{Guesser, Record, Setting, Teller};
use super::resample::{Difference, Estimate, Figure, Sums};
use super::text::{EPSILON, Scorer, TextScores};
use super::texts::TextSums;
use crate::questions::{Category, Key};
use serde::Serialize;
use std::collections::BTreeMap;

/// All figures of an evaluation.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Tested images, each once a seed.
    pub images: usize,
    /// Specimens they show.
    pub specimens: usize,
    /// Folds times seeds.
    pub runs: usize,
    /// What the images were taken for; nothing where no image has a category.
    pub guesses: Vec<GuessFigures>,
    /// The model's predictions by category; nothing without them.
    pub categories: Vec<CategoryFigures>,
    /// How often the model took each category (row) for each (column).
    pub confusion: [[usize; 10]; 10],
    /// The model's mean probability, share that was right and count of each bin.
    pub reliability: Vec<(f64, f64, usize)>,
    /// Texts, a setting and teller each.
    pub texts: Vec<TextFigures>,
    /// The model's texts by question, in the first setting that it answered in.
    pub keys: Vec<PartFigures>,
    /// The same by category.
    pub by_category: Vec<PartFigures>,
    /// Measured numbers against known ones.
    pub numbers: Vec<NumberFigures>,
    /// What a person found of the model's sentences, by setting; nothing where nobody judged.
    pub truth: Vec<(Setting, TruthFigures)>,
    /// Every answer of the model with its scores, in the first setting that it answered in.
    pub answers: Vec<Scored>,
}

/// What images were taken for, by one guesser.
#[derive(Clone, Debug, Serialize)]
pub struct GuessFigures {
    /// Who guessed.
    pub guesser: Guesser,
    /// Images guessed.
    pub images: usize,
    /// Share that was right.
    pub top1: Figure,
    /// Share that was among the five most probable.
    pub top5: Figure,
    /// Mean F1 of the categories.
    pub macro_f1: Figure,
    /// Expected calibration error.
    pub calibration_error: Figure,
    /// By how much the model's share that was right is above this.
    pub lead: Option<Difference>,
}

/// How well one category was told.
#[derive(Clone, Debug, Serialize)]
pub struct CategoryFigures {
    /// Its name.
    pub category: &'static str,
    /// Images of it.
    pub images: usize,
    /// Share of those taken for it that are.
    pub precision: Option<Figure>,
    /// Share of its images that were found.
    pub recall: Option<Figure>,
    /// Harmonic mean of both.
    pub f1: Option<Figure>,
}

/// What somebody's answers are worth in a setting.
#[derive(Clone, Debug, Serialize)]
pub struct TextFigures {
    /// What was known.
    pub setting: Setting,
    /// Who answered.
    pub teller: Teller,
    /// Answers.
    pub texts: usize,
    /// Figures by their names, in the order of the paper's Table 1.
    pub scores: Vec<(&'static str, Figure)>,
    /// Mean words of an answer.
    pub words: f64,
    /// Mean words of a reference.
    pub reference_words: f64,
    /// Share of the sentences that the model says of the right image and says here too.
    pub unchanged: Option<Figure>,
    /// By how much the model's ROUGE-L is above this, on the questions that both answered.
    pub lead: Option<Difference>,
}

/// The model's answers to one part of the questions.
#[derive(Clone, Debug, Serialize)]
pub struct PartFigures {
    /// The question's key or the category's name.
    pub part: &'static str,
    /// Answers.
    pub texts: usize,
    /// Figures by their names.
    pub scores: Vec<(&'static str, Figure)>,
}

/// An answer of the model with its scores.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scored {
    /// The run, counted from 0.
    pub run: usize,
    /// The image's place in the run.
    pub image: usize,
    /// The question's place at the image.
    pub question: usize,
    /// What was known.
    pub setting: Setting,
    /// BLEU-2.
    pub bleu2: f64,
    /// ROUGE-L.
    pub rouge_l: f64,
    /// METEOR.
    pub meteor: f64,
}

impl Figures {
    /// All figures of a record, with the verdicts that a person gave.
    pub fn of(record: &Record, verdicts: &Verdicts) -> Self {
        let specimens = record.specimens();
        let guesses = Guesses::of(record, &specimens);
        let (texts, answers) = Texts::of(record, &specimens);
        let model = guesses.0.get(&Guesser::Model);
        let first = Setting::ALL
            .into_iter()
            .find(|setting| texts.whole.contains_key(&(*setting, Teller::Model)));
        Self {
            images: record.images().count(),
            specimens: specimens.len(),
            runs: record.runs.len(),
            guesses: guesses.figures(),
            categories: model.map_or(Vec::new(), by_category),
            confusion: model.map_or([[0; 10]; 10], |model| model.total.confusion),
            reliability: model.map_or(Vec::new(), |model| model.total.reliability()),
            keys: first.map_or(Vec::new(), |setting| texts.by_key(setting)),
            by_category: first.map_or(Vec::new(), |setting| texts.by_category(setting)),
            texts: texts.figures(),
            numbers: NumberFigures::of(record),
            truth: truth(record, verdicts),
            answers,
        }
    }

    /// The row of a teller in a setting.
    pub fn text(&self, setting: Setting, teller: Teller) -> Option<&TextFigures> {
        let mut rows = self.texts.iter();
        rows.find(|row| row.setting == setting && row.teller == teller)
    }

    /// The row of a guesser.
    pub fn guess(&self, guesser: Guesser) -> Option<&GuessFigures> {
        self.guesses.iter().find(|row| row.guesser == guesser)
    }
}

/// What a person found of the model's sentences, by setting; nothing where nobody judged.
pub fn truth(record: &Record, verdicts: &Verdicts) -> Vec<(Setting, TruthFigures)> {
    let of = |setting| (setting, TruthFigures::of(record, setting, verdicts));
    match verdicts.is_empty() {
        true => Vec::new(),
        false => Setting::ALL.map(of).to_vec(),
    }
}

/// Sums by specimen and by run.
struct Parts<S> {
    specimens: Vec<S>,
    runs: Vec<S>,
}

impl<S: Sums> Parts<S> {
    fn new(specimens: usize, runs: usize) -> Self {
        Self {
            specimens: vec![S::default(); specimens],
            runs: vec![S::default(); runs],
        }
    }

    fn add(&mut self, specimen: usize, run: usize, change: impl Fn(&mut S)) {
        self.specimens.get_mut(specimen).map(&change);
        self.runs.get_mut(run).map(&change);
    }

    fn estimate(self) -> Estimate<S> {
        Estimate::of(&self.specimens, self.runs)
    }
}

/// What images were taken for, by guesser.
struct Guesses(BTreeMap<Guesser, Estimate<Tally>>);

impl Guesses {
    fn of(record: &Record, specimens: &[&str]) -> Self {
        let mut parts = BTreeMap::new();
        for (run, image) in record.images() {
            let Some(truth) = image.category else {
                continue;
            };
            let specimen = place_of(specimens, &image.specimen);
            for (guesser, guess) in &image.guesses {
                let new = || Parts::<Tally>::new(specimens.len(), record.runs.len());
                let of_guesser = parts.entry(*guesser).or_insert_with(new);
                of_guesser.add(specimen, run, |tally| tally.count(truth, guess));
            }
        }
        let estimates = parts.into_iter();
        Self(
            estimates
                .map(|(who, parts)| (who, parts.estimate()))
                .collect(),
        )
    }

    fn figures(&self) -> Vec<GuessFigures> {
        let top1 = |tally: &Tally| Some(tally.accuracy()?.top1);
        let model = self.0.get(&Guesser::Model);
        let row = |(guesser, estimate): (&Guesser, &Estimate<Tally>)| {
            Some(GuessFigures {
                guesser: *guesser,
                images: estimate.total.images(),
                top1: estimate.figure(top1)?,
                top5: estimate.figure(|tally| Some(tally.accuracy()?.top5))?,
                macro_f1: estimate.figure(|tally| Some(tally.accuracy()?.macro_f1))?,
                calibration_error: estimate
                    .figure(|tally| Some(tally.accuracy()?.calibration_error))?,
                lead: model
                    .filter(|_| *guesser != Guesser::Model)
                    .and_then(|model| model.less(estimate, top1)),
            })
        };
        self.0.iter().filter_map(row).collect()
    }
}

fn by_category(model: &Estimate<Tally>) -> Vec<CategoryFigures> {
    let row = |category: &Category| {
        let of = |tally: &Tally| tally.category(*category);
        CategoryFigures {
            category: category.name(),
            images: of(&model.total).images,
            precision: model.figure(|tally| of(tally).precision()),
            recall: model.figure(|tally| of(tally).recall()),
            f1: model.figure(|tally| of(tally).f1()),
        }
    };
    Category::ALL.iter().map(row).collect()
}

/// Texts by setting and teller, and those of the model by key and category.
struct Texts {
    whole: BTreeMap<(Setting, Teller), Estimate<TextSums>>,
    /// The model's sums on the questions that a teller answered too.
    shared: BTreeMap<(Setting, Teller), Estimate<TextSums>>,
    keys: BTreeMap<(Setting, Key), Estimate<TextSums>>,
    categories: BTreeMap<(Setting, usize), Estimate<TextSums>>,
}

type Sorted<K> = BTreeMap<K, Parts<TextSums>>;

impl Texts {
    fn of(record: &Record, specimens: &[&str]) -> (Self, Vec<Scored>) {
        let mut scorer = Scorer::default();
        let (mut whole, mut shared) = (Sorted::new(), Sorted::new());
        let (mut keys, mut categories) = (Sorted::new(), Sorted::new());
        let mut answers = Vec::new();
        let new = || Parts::<TextSums>::new(specimens.len(), record.runs.len());
        let places = record.runs.iter().enumerate().flat_map(|(run, tested)| {
            let images = tested.images.iter().enumerate();
            images.map(move |(place, image)| (run, place, image))
        });
        for (run, place, image) in places {
            let specimen = place_of(specimens, &image.specimen);
            for (question, asked) in image.questions.iter().enumerate() {
                let references: Vec<&str> = asked.references.iter().map(String::as_str).collect();
                let mut of_model = BTreeMap::new();
                for said in &asked.said {
                    let scores = scorer.score(&said.text, &references);
                    let mut sums = TextSums::of(&scores, &said.text, &references);
                    if said.teller == Teller::Model {
                        of_model.insert(said.setting, sums.clone());
                        if asked
                            .answer()
                            .is_some_and(|(setting, _)| setting == said.setting)
                        {
                            answers.push(scored(run, place, question, said.setting, &scores));
                        }
                        let add = |parts: &mut Parts<TextSums>| {
                            parts.add(specimen, run, |total| total.add(&sums, 1));
                        };
                        add(keys.entry((said.setting, asked.key)).or_insert_with(new));
                        if let Some(category) = image.category {
                            let part = (said.setting, category.index());
                            add(categories.entry(part).or_insert_with(new));
                        }
                    }
                    if said.teller.is_control() {
                        sums.compare(asked.said_by(Teller::Model, said.setting), &said.text);
                    }
                    let name = (said.setting, said.teller);
                    let parts = whole.entry(name).or_insert_with(new);
                    parts.add(specimen, run, |total| total.add(&sums, 1));
                    if let Some(sums) = of_model.get(&said.setting) {
                        let parts = shared.entry(name).or_insert_with(new);
                        parts.add(specimen, run, |total| total.add(sums, 1));
                    }
                }
            }
        }
        let texts = Self {
            whole: estimates(whole),
            shared: estimates(shared),
            keys: estimates(keys),
            categories: estimates(categories),
        };
        (texts, answers)
    }

    fn figures(&self) -> Vec<TextFigures> {
        let rouge_l = |sums: &TextSums| Some(sums.scores()?.rouge_l);
        let row = |(name, estimate): (&(Setting, Teller), &Estimate<TextSums>)| {
            let (setting, teller) = *name;
            let model = self.shared.get(name).filter(|_| teller != Teller::Model);
            TextFigures {
                setting,
                teller,
                texts: estimate.total.texts(),
                scores: scores(estimate),
                words: estimate.total.words(),
                reference_words: estimate.total.reference_words(),
                unchanged: estimate.figure(TextSums::unchanged),
                lead: model.and_then(|model| model.less(estimate, rouge_l)),
            }
        };
        self.whole.iter().map(row).collect()
    }

    fn by_key(&self, setting: Setting) -> Vec<PartFigures> {
        let of_setting = self.keys.iter().filter(|((one, _), _)| *one == setting);
        of_setting
            .map(|((_, key), estimate)| part(key.name(), estimate))
            .collect()
    }

    fn by_category(&self, setting: Setting) -> Vec<PartFigures> {
        let of_setting = self.categories.iter();
        let of_setting = of_setting.filter(|((one, _), _)| *one == setting);
        of_setting
            .map(|((_, place), estimate)| part(Category::ALL[*place].name(), estimate))
            .collect()
    }
}

fn part(part: &'static str, estimate: &Estimate<TextSums>) -> PartFigures {
    PartFigures {
        part,
        texts: estimate.total.texts(),
        scores: scores(estimate),
    }
}

/// BLEU-2 and -4, ROUGE-1, -2 and -L, and METEOR.
fn scores(estimate: &Estimate<TextSums>) -> Vec<(&'static str, Figure)> {
    let all = TextSums::SCORES.into_iter();
    all.filter_map(|(name, of)| Some((name, estimate.figure(|sums| Some(of(&sums.scores()?)))?)))
        .collect()
}

fn estimates<K: Ord>(parts: Sorted<K>) -> BTreeMap<K, Estimate<TextSums>> {
    let all = parts.into_iter();
    all.map(|(name, parts)| (name, parts.estimate())).collect()
}

fn scored(
    run: usize,
    image: usize,
    question: usize,
    setting: Setting,
    scores: &TextScores,
) -> Scored {
    Scored {
        run,
        image,
        question,
        setting,
        bleu2: scores.bleu.scores(EPSILON)[1],
        rouge_l: scores.rouge_l.f1,
        meteor: scores.meteor,
    }
}

/// The place of a specimen among all.
fn place_of(specimens: &[&str], name: &str) -> usize {
    specimens.binary_search(&name).unwrap_or(usize::MAX)
}
