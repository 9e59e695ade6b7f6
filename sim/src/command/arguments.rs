//! Words of a command line.

use crate::canary::Canary;
use crate::net::Substrate;
use std::ops::Range;
use std::path::PathBuf;

/// What a command line says besides the command.
#[derive(Clone, Debug)]
pub(super) struct Arguments {
    pub(super) files: Vec<PathBuf>,
    pub(super) seed: u64,
    pub(super) seeds: Range<u64>,
    pub(super) jobs: usize,
    pub(super) json: bool,
    pub(super) quiet: bool,
    pub(super) timeline: usize,
    pub(super) hash: Option<String>,
    pub(super) canary: Option<Canary>,
    pub(super) substrate: Substrate,
}

impl Arguments {
    pub(super) fn read(words: &[String]) -> Result<Self, String> {
        let mut arguments = Self {
            files: Vec::new(),
            seed: 1,
            seeds: 0..50,
            jobs: std::thread::available_parallelism().map_or(1, usize::from),
            json: false,
            quiet: false,
            timeline: 60,
            hash: None,
            canary: None,
            substrate: Substrate::Packets,
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("`{word}` needs a value"));
            match word.as_str() {
                "--seed" => arguments.seed = number(value()?)?,
                "--seeds" => arguments.seeds = range(value()?)?,
                "-j" => arguments.jobs = number(value()?)? as usize,
                "--timeline" => arguments.timeline = number(value()?)? as usize,
                "--hash" => arguments.hash = Some(value()?.clone()),
                "--canary" => {
                    let rule = value()?;
                    let canary = Canary::of(rule);
                    arguments.canary = Some(canary.ok_or(format!("no canary breaks `{rule}`"))?);
                }
                "--substrate" => {
                    arguments.substrate = match value()?.as_str() {
                        "packets" => Substrate::Packets,
                        "turmoil" => Substrate::Turmoil,
                        other => return Err(format!("there is no substrate `{other}`")),
                    };
                }
                "--json" => arguments.json = true,
                "--quiet" => arguments.quiet = true,
                flag if flag.starts_with('-') => return Err(format!("what is `{flag}`?")),
                file => arguments.files.push(file.into()),
            }
        }
        Ok(arguments)
    }
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("`{text}` is no number"))
}

/// `A..B`, or `N` for the first N.
fn range(text: &str) -> Result<Range<u64>, String> {
    match text.split_once("..") {
        Some((from, to)) => Ok(number(from)?..number(to)?),
        None => Ok(0..number(text)?),
    }
}
