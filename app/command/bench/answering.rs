//! `askem bench --answer PRESET|DIR`: what one answer of a model costs, four rows a try.
//!
//! One thread, as everywhere in Askem where one image is asked about.

use super::{Bench, Budget, Row, failed};
use crate::answer::named;
use crate::command::images::Loader;
use crate::command::output::Output;
use crate::command::{Done, Options, Stop, interrupt};
use askem_model::answer_times::{made_up, time_answers};
use askem_model::choose_device;
use askem_model::config::Preset;
use clap::Args;

/// What is answered, and how often.
#[derive(Args)]
pub struct AnswerArguments {
    /// Only time answers about a made-up image: by a preset with random weights, an installed
    /// model or a model folder
    #[arg(long, value_name = "PRESET|NAME|DIR", conflicts_with_all = ["images", "decode"])]
    pub answer: Option<String>,
    /// Answers to time
    #[arg(long, value_name = "N", default_value_t = 3, requires = "answer")]
    tries: usize,
    /// Tokens of each answer, at most
    #[arg(long, value_name = "N", default_value_t = 40, requires = "answer")]
    tokens: usize,
}

/// Times answers of a model.
pub fn answers(
    model: &str,
    arguments: &AnswerArguments,
    options: &Options,
    output: &mut Output,
) -> Result<Done, Stop> {
    let preset = Preset::ALL.into_iter().find(|known| known.name() == model);
    let files = match preset {
        Some(preset) => made_up(preset).map_err(failed)?,
        None => named(Some(model)).map_err(failed)?.1,
    };
    let device = choose_device(&options.device).map_err(failed)?;
    let times = time_answers(&files, arguments.tokens, arguments.tries, &device);
    let mut bench = Bench {
        loader: Loader::start()?,
        output,
    };
    for time in times.map_err(failed)? {
        interrupt::check()?;
        let ms = |seconds: f64| Some(seconds * 1e3);
        let rate = (time.tokens > 1).then(|| time.token_s.recip());
        for (what, value, unit) in [
            ("encode one image", ms(time.encode_s), "ms"),
            ("question and first token", ms(time.first_token_s), "ms"),
            ("further tokens", rate, "1/s"),
            ("tokens written", Some(time.tokens as f64), "1"),
        ] {
            bench.report(Row::new(what, value, unit, Budget::None))?;
        }
    }
    Ok(Done::All)
}
