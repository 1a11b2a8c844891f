//! The evaluator: evaluations and their reports, in threads of their own, so that asking goes on.
//!
//! One thing at a time. What a person judged is read beside the notebook, where the keeper puts it.
//! Called through a lane by [`super::Worker`].

use super::EvaluateFn;
use super::evaluation::{self, Evaluation, small};
use super::lane::{Hands, Lane, Plan};
use super::protocol::{EvaluateJob, EvaluationSign, Outcome, Progress, SmallPicture};
use super::report;
use super::ticket::Ticket;
use crate::evaluate::judged::Judged;
use crossbeam_channel::Sender;
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the evaluator is asked.
pub(super) enum Task {
    /// Test a model.
    Evaluate(Box<EvaluateJob>),
    /// Write a report into a folder, with what a person judged.
    Save(Arc<Evaluation>, Vec<Judged>, PathBuf),
    /// Small copies of files of a data folder.
    Pictures(PathBuf, Vec<String>),
}

/// Opens the lane of the evaluator; verdicts lie beside the notebook, where there is one.
pub(super) fn lane(
    evaluate: EvaluateFn,
    notebook: Option<&Path>,
    alive: &Sender<()>,
) -> Lane<Task> {
    let folder = notebook.and_then(Path::parent).map(Path::to_owned);
    let make_hands = move || -> Hands<Task> {
        let (evaluate, folder) = (Arc::clone(&evaluate), folder.clone());
        Box::new(move |ticket, task| {
            let pool = ThreadPoolBuilder::new()
                .thread_name(|_| "askem-evaluation".into())
                .build();
            let pool = pool.map_err(|why| {
                format!("The system gave Askem no threads to evaluate in ({why}). Close other programs and evaluate again.")
            })?;
            pool.install(|| run(&evaluate, folder.as_deref(), ticket, task))
        })
    };
    let plan = Plan {
        name: "askem-evaluator",
        width: 1,
        patience: None,
        even_if_cancelled: false,
        make_hands: Arc::new(make_hands),
    };
    Lane::open(plan, alive)
}

fn run(
    evaluate: &EvaluateFn,
    folder: Option<&Path>,
    ticket: &Ticket,
    task: Task,
) -> Result<Outcome, String> {
    match task {
        Task::Evaluate(mut job) => {
            if let Some(folder) = folder {
                let kept = report::judged(folder).map_err(|why| why.to_string())?;
                job.judged.extend(kept);
            }
            let mut progress = |sign| match sign {
                // Nobody needs to wake up for that.
                EvaluationSign::Waiting => ticket.go_on(),
                sign => ticket.progress(Progress::Evaluation(sign)),
            };
            let evaluation = evaluate(&job, &mut progress)?;
            Ok(Outcome::Evaluated(Arc::new(evaluation)))
        }
        Task::Save(done, judged, folder) => {
            let page = save(&done, &judged, &folder).map_err(|why| why.to_string())?;
            Ok(Outcome::Written(page))
        }
        Task::Pictures(folder, files) => {
            let picture = |file: String| {
                let small = small(&folder, &file)?;
                Some(SmallPicture {
                    file,
                    size: [small.width as usize, small.height as usize],
                    grey: small.grey,
                })
            };
            let pictures = files.into_par_iter().filter_map(picture).collect();
            Ok(Outcome::Pictures(pictures))
        }
    }
}

/// Writes the report with what was judged until now, here and in the report that is there already.
fn save(
    done: &Evaluation,
    judged: &[Judged],
    folder: &Path,
) -> Result<PathBuf, report::ReportError> {
    let mut all = report::judged(folder)?;
    all.extend(judged.iter().cloned());
    let anew = evaluation::judged_anew(done, &all);
    let page = report::write(&anew, folder)?;
    report::write_judged(folder, &anew.judged)?;
    Ok(page)
}
