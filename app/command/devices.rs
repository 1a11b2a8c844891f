//! `askem devices`: where can be computed here, and why not where it can't.
//!
//! The plain program asks `askem-cuda`, which stands beside it, for its GPUs; with `--own` a
//! program speaks for itself alone, which is what the plain one asks it for.

use super::output::{Output, printable};
use super::{Done, Stop};
use crate::gpu::{self, DeviceRow};
use clap::Args;
use std::path::Path;

/// The arguments of `askem devices`.
#[derive(Args)]
pub struct Arguments {
    /// Only what this very program computes on, without asking askem-cuda
    #[arg(long)]
    own: bool,
}

/// Lists the devices, one row each.
pub fn run(arguments: &Arguments, output: &mut Output) -> Result<Done, Stop> {
    let mut rows = own();
    if !arguments.own && !gpu::IS_OWN {
        match gpu::program() {
            Some(program) => rows.extend(of_other(&program)),
            None => output.note(format_args!(
                "There is no {} here, which computes on an NVIDIA GPU. README.md says how it is had.",
                gpu::PROGRAM
            )),
        }
    }
    for row in &rows {
        match output.json {
            true => output.row(row)?,
            false => output.line(printable(&line(row)))?,
        }
    }
    Ok(Done::All)
}

/// What this program computes on.
fn own() -> Vec<DeviceRow> {
    let program = std::env::current_exe().unwrap_or_else(|_| "askem".into());
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    let cpu = DeviceRow {
        device: "cpu".into(),
        name: Some(format!("CPU, {threads} threads")),
        bytes: None,
        bf16: false,
        program: program.display().to_string(),
        version: gpu::VERSION.into(),
        error: None,
    };
    let gpus = match gpu::IS_OWN {
        true => cards(&cpu),
        false => Vec::new(),
    };
    std::iter::once(cpu).chain(gpus).collect()
}

fn cards(cpu: &DeviceRow) -> Vec<DeviceRow> {
    match askem_model::cards() {
        Ok(cards) => cards
            .into_iter()
            .map(|card| DeviceRow {
                device: card.device,
                name: Some(card.name),
                bytes: Some(card.bytes),
                bf16: card.has_bf16,
                ..cpu.clone()
            })
            .collect(),
        Err(none) => vec![DeviceRow {
            device: "cuda:0".into(),
            name: None,
            error: Some(format!("{}.", none.why)),
            ..cpu.clone()
        }],
    }
}

/// What `askem-cuda` computes on, or why it can't be used.
fn of_other(program: &Path) -> Vec<DeviceRow> {
    match gpu::probe(program, gpu::PROBE_MAX) {
        Ok(rows) => rows,
        Err(why) => vec![DeviceRow {
            device: "cuda:0".into(),
            name: None,
            bytes: None,
            bf16: false,
            program: program.display().to_string(),
            version: gpu::VERSION.into(),
            error: Some(why.to_string()),
        }],
    }
}

/// "cuda:0   NVIDIA H200, 140 GB, by /opt/askem-cuda", or why not.
fn line(row: &DeviceRow) -> String {
    let name = row.name.as_deref().unwrap_or_default();
    let said = match (&row.error, row.bytes) {
        (Some(why), _) => why.clone(),
        (None, Some(bytes)) => {
            let gb = bytes as f64 / 1e9;
            format!("{name}, {gb:.0} GB, by {}", row.program)
        }
        (None, None) => name.to_owned(),
    };
    format!("{:8} {said}", row.device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_told_in_one_line() {
        let row = DeviceRow {
            device: "cuda:0".into(),
            name: Some("NVIDIA H200".into()),
            bytes: Some(150_754_820_096),
            bf16: true,
            program: "/opt/askem-cuda".into(),
            version: "0.1.0".into(),
            error: None,
        };
        assert_eq!(
            line(&row),
            "cuda:0   NVIDIA H200, 151 GB, by /opt/askem-cuda"
        );
        let refused = DeviceRow {
            error: Some("It does not start.".into()),
            ..row
        };
        assert_eq!(line(&refused), "cuda:0   It does not start.");
    }
}
