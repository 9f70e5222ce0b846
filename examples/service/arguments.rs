//! What the command line says.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use crate::trouble::Trouble;

const USAGE: &str = "usage: service FILE [--port N] [--grace SECONDS] [--threads N] \
                     [--with waiting|thread|critical|stubborn|blocked]";

pub struct Arguments {
    pub file: PathBuf,
    pub port: u16,
    pub grace: Duration,
    pub threads: NonZeroUsize,
    pub trouble: Option<Trouble>,
}

impl Arguments {
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, &'static str> {
        let mut arguments = Self {
            file: words.next().ok_or(USAGE)?.into(),
            port: 3000,
            grace: Duration::from_secs(10),
            threads: const { NonZeroUsize::new(2).unwrap() },
            trouble: None,
        };
        while let Some(word) = words.next() {
            let value = words.next().ok_or(USAGE)?;
            match word.as_str() {
                "--port" => arguments.port = value.parse().map_err(usage)?,
                "--grace" => {
                    let seconds = value.parse().map_err(usage)?;
                    arguments.grace = Duration::try_from_secs_f64(seconds).map_err(usage)?;
                }
                "--threads" => arguments.threads = value.parse().map_err(usage)?,
                "--with" => arguments.trouble = Some(Trouble::named(&value).ok_or(USAGE)?),
                _ => return Err(USAGE),
            }
        }
        Ok(arguments)
    }
}

fn usage<E>(_: E) -> &'static str {
    USAGE
}
