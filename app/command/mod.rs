//! The command line: one file a subcommand. docs/CLI.md is its reference.
//!
//! Reads the arguments, calls the layers below without threads (one image after the other) and
//! writes through [`output::Output`]. Without a subcommand it opens the window. Knows no
//! tensors and no widgets.

mod ablate;
mod ask;
mod bench;
mod classify;
mod devices;
mod evaluate;
mod images;
mod inspect;
mod interrupt;
mod measure;
mod models;
mod open;
mod output;
mod score;
mod simulate;
mod train;

use crate::VERSION;
use crate::gpu;
use clap::{Args, Parser, Subcommand};
use output::Output;
use std::path::PathBuf;
use std::process::ExitCode;

/// The device where none is named.
const DEVICE: &str = "auto";

/// Answers questions about electron micrographs on your own machine.
///
/// Without a command it opens the window, with the images given.
#[derive(Parser)]
#[command(
    name = "askem",
    version = VERSION,
    override_usage = "askem [IMAGE]...\n       askem COMMAND [OPTIONS] ..."
)]
struct CommandLine {
    /// Images to open in the window
    #[arg(value_name = "IMAGE")]
    images: Vec<PathBuf>,
    /// Keep nothing of what is done in the window: no notebook, no recent files, no settings
    #[arg(long)]
    private: bool,
    /// Open another window, rather than hand the images to one that is running
    #[arg(long)]
    new_window: bool,
    /// Take over from the window that started this one
    #[arg(long, hide = true)]
    take_over: bool,
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What every command takes.
#[derive(Args, Clone)]
#[command(next_help_heading = "Options of every command")]
pub struct Options {
    /// Write one JSON object a line to stdout
    #[arg(long, global = true)]
    json: bool,
    /// A model: the name of an installed one, or its folder [default: the one in use, see `models use`]
    #[arg(long, global = true, value_name = "NAME|DIR")]
    model: Option<String>,
    /// Where to compute: auto, cpu or cuda:N
    #[arg(long, global = true, value_name = "DEVICE", default_value = DEVICE, value_parser = device)]
    device: String,
    /// Say nothing but results and errors
    #[arg(long, global = true)]
    quiet: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Answer questions about images
    Ask(ask::Arguments),
    /// Predict which material images show
    Classify(classify::Arguments),
    /// Say what image files say about themselves
    Inspect(inspect::Arguments),
    /// Measure what images show
    Measure(measure::Arguments),
    /// Make micrographs with known truth
    Simulate(simulate::Arguments),
    /// Train a model on folders of images
    Train(train::Arguments),
    /// Evaluate a model on a data folder, and write a report
    Evaluate(evaluate::Arguments),
    /// Train and evaluate the network without each of its parts
    Ablate(ablate::Arguments),
    /// Score texts against references, by BLEU, ROUGE and METEOR
    Score(score::Arguments),
    /// Measure speed and memory on this machine
    Bench(bench::Arguments),
    /// List, import, export and check models
    Models(models::Arguments),
    /// Say where can be computed: on the CPU, and on which GPUs
    Devices(devices::Arguments),
}

/// How a command that ran to its end went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// Everything asked for was done.
    All,
    /// Some input failed; the others were done.
    SomeFailed,
}

/// Why a command did not run to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The reader of stdout went away.
    ReaderGone,
    /// Somebody pressed Ctrl-C.
    Interrupted,
    /// The arguments do not make sense together: a sentence.
    Usage(String),
    /// Nothing could be done: a sentence.
    Failed(String),
}

/// Runs the program with the process's arguments. Called by `main.rs` and `main_cuda.rs` alone.
pub fn main() -> ExitCode {
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(error) => {
            // Help and version go to stdout, usage errors to stderr.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let mut output = Output::new(line.options.json, line.options.quiet);
    let ended = run(&line, &mut output).and_then(|done| output.finish().map(|()| done));
    match ended {
        Ok(Done::All) | Err(Stop::ReaderGone) => ExitCode::SUCCESS,
        Ok(Done::SomeFailed) => ExitCode::FAILURE,
        Err(Stop::Interrupted) => {
            output.error("Interrupted.");
            ExitCode::from(interrupt::EXIT_CODE)
        }
        Err(Stop::Usage(sentence)) => {
            output.error(sentence);
            ExitCode::from(2)
        }
        Err(Stop::Failed(sentence)) => {
            output.error(sentence);
            ExitCode::FAILURE
        }
    }
}

fn run(line: &CommandLine, output: &mut Output) -> Result<Done, Stop> {
    let options = &line.options;
    let Some(command) = &line.command else {
        let kind = open::Kind {
            private: line.private,
            new: line.new_window,
            takes_over: line.take_over,
        };
        refuse_gpu(options)?;
        return open::run(&line.images, kind, options);
    };
    interrupt::listen();
    if matches!(
        command,
        Command::Ask(_)
            | Command::Classify(_)
            | Command::Train(_)
            | Command::Evaluate(_)
            | Command::Ablate(_)
            | Command::Bench(_)
    ) {
        refuse_gpu(options)?;
        tell_of_gpu(options, output);
    }
    match command {
        Command::Ask(arguments) => alone(|| ask::run(arguments, options, output)),
        Command::Classify(arguments) => alone(|| classify::run(arguments, options, output)),
        Command::Inspect(arguments) => inspect::run(arguments, output),
        Command::Measure(arguments) => measure::run(arguments, output),
        Command::Simulate(arguments) => simulate::run(arguments, output),
        Command::Train(arguments) => train::run(arguments, options, output),
        Command::Evaluate(arguments) => evaluate::run(arguments, options, output),
        Command::Ablate(arguments) => ablate::run(arguments, options, output),
        Command::Score(arguments) => score::run(arguments, output),
        Command::Models(arguments) => models::run(arguments, options, output),
        Command::Bench(arguments) => alone(|| bench::run(arguments, options, output)),
        Command::Devices(arguments) => devices::run(arguments, output),
    }
}

/// A GPU that was asked for by its number is an error where this program has none to offer.
fn refuse_gpu(options: &Options) -> Result<(), Stop> {
    if gpu::IS_OWN || !options.device.starts_with("cuda:") {
        return Ok(());
    }
    let what_to_do = match gpu::program() {
        Some(program) => format!(
            "Run {} in its place, with the same arguments; `askem devices` says whether it works.",
            program.display()
        ),
        None => format!(
            "Its other half with CUDA, {}, is not here: README.md says how it is had.",
            gpu::PROGRAM
        ),
    };
    Err(Stop::Failed(format!(
        "This askem computes on the CPU alone, so there is no {} to use. {what_to_do}",
        options.device
    )))
}

/// Says that a GPU could be used, where nobody has said that the CPU is meant.
fn tell_of_gpu(options: &Options, output: &mut Output) {
    if options.device == DEVICE
        && let Some(program) = gpu::program()
    {
        output.note(format_args!(
            "On the CPU. {} could use an NVIDIA GPU (`askem devices` tries it); --device cpu says that the CPU is meant.",
            program.display()
        ));
    }
}

/// Runs `work` on a pool of one thread: the matrices of one question are too small to share,
/// and more threads make them slower.
fn alone(work: impl FnOnce() -> Result<Done, Stop> + Send) -> Result<Done, Stop> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    pool.map_err(|why| Stop::Failed(format!("No thread could be started: {why}.")))?
        .install(work)
}

/// Accepts the names of devices.
fn device(text: &str) -> Result<String, String> {
    let number = text.strip_prefix("cuda:").map(str::parse::<usize>);
    match text {
        "auto" | "cpu" => Ok(text.to_owned()),
        _ if matches!(number, Some(Ok(_))) => Ok(text.to_owned()),
        _ => Err("use auto, cpu or cuda:N, N being the number of the GPU".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_well_formed() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn images_and_commands_are_told_apart() {
        let line = CommandLine::try_parse_from(["askem", "a.png", "ask"]).unwrap();
        assert!(line.command.is_none());
        assert_eq!(line.images, [PathBuf::from("a.png"), PathBuf::from("ask")]);
        let line = CommandLine::try_parse_from(["askem", "--json", "inspect", "a.png", "--quiet"])
            .unwrap();
        assert!(line.command.is_some() && line.images.is_empty());
        assert!(line.options.json && line.options.quiet && !line.private && !line.new_window);
        let line = CommandLine::try_parse_from(["askem", "--private", "a.png"]).unwrap();
        assert!(line.private && line.images == [PathBuf::from("a.png")]);
    }

    #[test]
    fn devices_have_three_forms() {
        for good in ["auto", "cpu", "cuda:0", "cuda:12"] {
            assert_eq!(device(good).as_deref(), Ok(good));
        }
        for bad in ["", "gpu", "cuda", "cuda:", "cuda:-1", "cuda:0 ", "CPU"] {
            assert!(device(bad).is_err(), "{bad}");
        }
    }
}
