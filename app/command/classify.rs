//! `askem classify`: predicts the material of each image.

use super::images::{
    Loaded, Loader, Page, ms_since, open_engine, percent, rounded_ms, rounded_share,
};
use super::output::{Output, shown};
use super::{Done, Options, Stop};
use crate::answer::{Answerer, Classification};
use crate::questions::Category;
use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The arguments of `askem classify`.
#[derive(Args)]
pub struct Arguments {
    /// Image files
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,
    #[command(flatten)]
    page: Page,
}

/// One line of `--json`.
#[derive(Serialize)]
struct Row {
    file: String,
    category: Option<&'static str>,
    probabilities: Map<String, Value>,
    none_of_these: bool,
    technique: Option<Map<String, Value>>,
    model: String,
    device: String,
    ms: f64,
}

/// Classifies every image; a file that cannot be read does not stop the others.
pub fn run(arguments: &Arguments, options: &Options, output: &mut Output) -> Result<Done, Stop> {
    let loader = Loader::start()?;
    let mut engine = open_engine(options, output)?;
    let width = arguments
        .images
        .iter()
        .map(|file| shown(file).chars().count())
        .max()
        .unwrap_or(0);
    let mut done = Done::All;
    let page = arguments.page.index();
    loader.each(&arguments.images, page, |index, file, loaded| {
        output.progress(format_args!(
            "{} of {}: {}",
            index + 1,
            arguments.images.len(),
            shown(file)
        ));
        let began = Instant::now();
        let loaded = loaded.map_err(|error| error.to_string());
        let classified = loaded.and_then(|Loaded { prepared, load_ms }| {
            let classified = engine.classify(&prepared);
            Ok((classified.map_err(|error| error.to_string())?, load_ms))
        });
        match classified {
            Ok((classified, load_ms)) if output.json => {
                let ms = load_ms + ms_since(began);
                output.row(&row(file, &classified, engine.as_ref(), ms))?;
            }
            Ok((classified, _)) => output.line(line(file, &classified, width))?,
            Err(error) => {
                output.file_error(file, error)?;
                done = Done::SomeFailed;
            }
        }
        Ok(())
    })?;
    Ok(done)
}

fn row(file: &Path, classified: &Classification, engine: &dyn Answerer, ms: f64) -> Row {
    let who = engine.describe();
    let named =
        |(category, p): (Category, f32)| (category.name().to_owned(), rounded_share(p).into());
    Row {
        file: file.to_string_lossy().into_owned(),
        category: (!classified.none_of_these).then(|| classified.best().0.name()),
        probabilities: Category::ALL
            .into_iter()
            .zip(classified.probabilities)
            .map(named)
            .collect(),
        none_of_these: classified.none_of_these,
        technique: None,
        model: who.model,
        device: who.device,
        ms: rounded_ms(ms),
    }
}

/// "a.png   Nanowires 93 %   then Fibres 4 %, Tips 1 %", or what it is least unlike.
fn line(file: &Path, classified: &Classification, width: usize) -> String {
    let ranked = classified.ranked();
    let share = |(category, p): &(Category, f32)| format!("{category} {}", percent(*p));
    let [first, second, third, ..] = &ranked[..] else {
        return shown(file).to_string();
    };
    let (first, others) = if classified.none_of_these {
        // The shares are those among the ten, and say nothing where it is none of them.
        let nearest = format!("nearest {}, {}", first.0, second.0);
        ("none of the ten".to_owned(), nearest)
    } else {
        let others = format!("then {}, {}", share(second), share(third));
        (share(first), others)
    };
    format!("{:width$}  {first:33}  {others}", shown(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_aligned_and_say_when_nothing_fits() {
        let mut probabilities = [0.002; 10];
        probabilities[4] = 0.9;
        probabilities[1] = 0.082;
        let mut classified = Classification {
            probabilities,
            none_of_these: false,
        };
        let known = line(Path::new("a.png"), &classified, 8);
        assert_eq!(
            known,
            "a.png     Nanowires 90 %                     then Fibres 8 %, Biological <1 %"
        );
        classified.none_of_these = true;
        let unknown = line(Path::new("long.png"), &classified, 8);
        assert_eq!(
            unknown,
            "long.png  none of the ten                    nearest Nanowires, Fibres"
        );
    }
}
