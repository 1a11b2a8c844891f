//! An ablation: six networks trained and tested on the same folds, the whole one last.
//!
//! Called by `askem ablate`.

use super::evaluation::{self, EvaluationError};
use super::protocol::{EvaluateJob, EvaluationSign, TrainJob};
use crate::answer::Flow;
use crate::evaluate::figures::Figures;
use crate::evaluate::judged::Verdicts;
use crate::evaluate::page::Page;
use crate::evaluate::pages::{self, Variant};
use askem_model::config::Ablation;
use askem_model::train::Learned;
use serde_json::{Value, json};

/// What each variant does without, named and in the order of the paper's Tables 5 and 6.
const VARIANTS: [(&str, Learned, &[Ablation]); 6] = [
    (
        "without ITC",
        Learned {
            itc: false,
            ..Learned::ALL
        },
        &[],
    ),
    (
        "without ITM (the paper's CTC)",
        Learned {
            itm: false,
            ..Learned::ALL
        },
        &[],
    ),
    ("without SA", Learned::ALL, &[Ablation::Sa]),
    ("without CA", Learned::ALL, &[Ablation::Ca]),
    ("without CSA", Learned::ALL, &[Ablation::Csa]),
    ("whole", Learned::ALL, &[]),
];

/// A finished ablation.
pub struct Ablated {
    /// The networks with their figures.
    pub variants: Vec<Variant>,
    /// What a reader is told.
    pub page: Page,
}

impl Ablated {
    /// All figures as JSON.
    pub fn object(&self) -> Value {
        let variant = |one: &Variant| {
            json!({
                "variant": one.name,
                "about": one.record.about,
                "notes": one.record.notes,
                "figures": one.figures,
            })
        };
        json!({ "variants": self.variants.iter().map(variant).collect::<Vec<_>>() })
    }
}

/// Trains and tests all variants by the plan of a job, which must train; `progress` gets the name
/// of a variant with its signs of life.
pub fn run(
    job: &EvaluateJob,
    progress: &mut dyn FnMut(&'static str, EvaluationSign) -> Flow,
) -> Result<Ablated, EvaluationError> {
    let mut variants = Vec::new();
    for (name, learned, without) in VARIANTS {
        let plan = TrainJob {
            learned,
            without: without.to_vec(),
            ..job
                .train
                .clone()
                .unwrap_or_else(|| TrainJob::new(Vec::new(), job.data.clone()))
        };
        let job = EvaluateJob {
            train: Some(plan),
            ..job.clone()
        };
        let record = evaluation::record(&job, None, &mut |sign| progress(name, sign))?;
        variants.push(Variant {
            name,
            figures: Figures::of(&record, &Verdicts::default()),
            record,
        });
    }
    let page = pages::ablation(&variants);
    Ok(Ablated { variants, page })
}
