//! The detectors on anybody's series: CSV in, CSV out.

use super::{Failure, say};
use crate::bumps::{Bump, Pulse, Tracker};
use crate::model::Time;
use chrono::NaiveDateTime;
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub enum ScanCommand {
    /// Bumps of a score: `timestamp,value[,partial]` in, `onset_ts,resolved_ts,kind,direction,magnitude` out.
    /// An empty value is a failed poll, partial=1 one in which some channel failed.
    Score(Files),
    /// Unusual volume: `timestamp,value` in, `timestamp,value,anomaly_score` out; unusual from 0.5.
    Volume(Files),
}

#[derive(Debug, Args)]
pub struct Files {
    /// Take folders: IN/series/*.csv to OUT (score), or every CSV below IN to the same place below OUT (volume).
    #[arg(long)]
    dir: bool,
    #[arg(value_name = "IN")]
    input: PathBuf,
    #[arg(value_name = "OUT")]
    output: PathBuf,
}

/// Times as written in the files, UTC.
const STAMP: &str = "%Y-%m-%d %H:%M:%S";

pub(super) fn scan(command: &ScanCommand) -> Result<(), Failure> {
    let (ScanCommand::Score(files) | ScanCommand::Volume(files)) = command;
    let deep = matches!(command, ScanCommand::Volume(_));
    let one = if deep { volume } else { score };
    if !files.dir {
        return one(&files.input, &files.output);
    }
    let folder = if deep { files.input.clone() } else { files.input.join("series") };
    let mut found = Vec::new();
    tables(&folder, deep, &mut found).map_err(|error| unreadable(&folder, &error))?;
    if found.is_empty() {
        return Err(Failure::usage(format!("there is no CSV file in {}", folder.display())));
    }
    found.sort();
    for path in &found {
        let output = files.output.join(path.strip_prefix(&folder).unwrap_or(path));
        if let Some(parent) = output.parent() {
            std::fs::create_dir_all(parent).map_err(|error| unwritable(parent, &error))?;
        }
        one(path, &output)?;
    }
    say(&format!("{} files read, written to {}\n", found.len(), files.output.display()))
}

fn tables(folder: &Path, deep: bool, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if deep {
                tables(&path, deep, found)?;
            }
        } else if path.extension().is_some_and(|end| end == "csv") {
            found.push(path);
        }
    }
    Ok(())
}

fn score(input: &Path, output: &Path) -> Result<(), Failure> {
    let mut tracker = Tracker::default();
    let mut bumps: Vec<Bump> = Vec::new();
    for Reading { at, value, partial, .. } in read(input)? {
        let Some(value) = value.filter(|_| !partial) else { continue };
        if let Some(bump) = tracker.read(at, value).bump {
            if bump.resolved.is_some() {
                bumps.pop();
            }
            bumps.push(bump);
        }
    }
    let row = |bump: &Bump| {
        let Bump { onset, direction, magnitude, resolved } = bump;
        [
            onset.format(STAMP).to_string(),
            resolved.map(|(at, _)| at.format(STAMP).to_string()).unwrap_or_default(),
            resolved.map_or("active", |(_, verdict)| verdict.word()).to_owned(),
            direction.word().to_owned(),
            format!("{magnitude:.4}"),
        ]
    };
    write(output, &["onset_ts", "resolved_ts", "kind", "direction", "magnitude"], bumps.iter().map(row))
}

fn volume(input: &Path, output: &Path) -> Result<(), Failure> {
    let mut pulse = Pulse::default();
    let rows: Vec<[String; 3]> = read(input)?
        .into_iter()
        .map(|Reading { at, value, written, .. }| {
            let score = value.map_or(0.0, |value| pulse.read(at, value));
            [at.format(STAMP).to_string(), written, score.to_string()]
        })
        .collect();
    write(output, &["timestamp", "value", "anomaly_score"], rows)
}

struct Reading {
    at: Time,
    /// `None` for a failed poll.
    value: Option<f64>,
    /// The value as it was written.
    written: String,
    partial: bool,
}

/// All of a file before anything is made of it.
fn read(path: &Path) -> Result<Vec<Reading>, Failure> {
    let bad = |error: csv::Error| Failure::usage(format!("{}: {error}", path.display()));
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(bad)?;
    let header = reader.headers().map_err(bad)?;
    let column = |name: &str| header.iter().position(|known| known == name);
    let (Some(timestamp), Some(value)) = (column("timestamp"), column("value")) else {
        let what = "the first line must name the columns timestamp and value";
        return Err(Failure::usage(format!("{}: {what}", path.display())));
    };
    let partial = column("partial");
    let mut readings = Vec::new();
    for record in reader.records() {
        let record = record.map_err(bad)?;
        let line = record.position().map_or(0, csv::Position::line);
        let wrong = |what: String| Failure::usage(format!("{}: line {line}: {what}", path.display()));
        let at = instant(&record[timestamp]).ok_or_else(|| {
            wrong(format!("\"{}\" is no time like 2026-03-03 14:32:07", &record[timestamp]))
        })?;
        let written = record[value].to_owned();
        let number = match written.as_str() {
            "" => None,
            text => {
                let number: Option<f64> = text.parse().ok().filter(|number: &f64| number.is_finite());
                Some(number.ok_or_else(|| wrong(format!("\"{text}\" is no number")))?)
            }
        };
        let partial = partial.is_some_and(|column| &record[column] == "1");
        readings.push(Reading { at, value: number, written, partial });
    }
    Ok(readings)
}

fn instant(text: &str) -> Option<Time> {
    let parsed = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f"));
    parsed.ok().map(|at| at.and_utc())
}

fn write<const N: usize>(
    path: &Path,
    header: &[&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<(), Failure> {
    let bad = |error: csv::Error| Failure::new(1, format!("cannot write {}: {error}", path.display()));
    let mut writer = csv::Writer::from_path(path).map_err(bad)?;
    writer.write_record(header).map_err(bad)?;
    for row in rows {
        writer.write_record(&row).map_err(bad)?;
    }
    writer.flush().map_err(|error| unwritable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("cannot read {}: {error}", path.display()))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(1, format!("cannot write {}: {error}", path.display()))
}
