//! Generated projects, and what it takes to build them.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Fallible;
use crate::process::successful;

/// The same on every Linux: that of `times` and of `/proc`.
const TICKS_PER_SECOND: f64 = 100.0;

/// A cargo project beside the other things that are built.
pub struct Project {
    directory: PathBuf,
}

impl Project {
    /// Makes it anew; what was built of an older one stays.
    pub fn create(name: &str, dependencies: &str) -> Fallible<Self> {
        let directory = directory(name)?;
        let sources = directory.join("src");
        if sources.exists() {
            fs::remove_dir_all(&sources)?;
        }
        fs::create_dir_all(sources.join("bin"))?;
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [workspace]\n\n[dependencies]\n{dependencies}\n\
             [profile.release]\nstrip = true\n",
        );
        fs::write(directory.join("Cargo.toml"), manifest)?;
        Ok(Self { directory })
    }

    /// Writes a program of it.
    pub fn program(&self, name: &str, source: &str) -> Fallible {
        Ok(fs::write(self.source(name), source)?)
    }

    /// The seconds of processor time that cargo, and all it starts, takes for this:
    /// those on the wall are also what others take.
    pub fn cargo(&self, arguments: &[&str]) -> Fallible<f64> {
        let before = seconds_of_children()?;
        let output = Command::new("cargo")
            .args(arguments)
            .current_dir(&self.directory)
            .env("CARGO_TARGET_DIR", self.target())
            // All is compiled, as on another machine.
            .env("CARGO_INCREMENTAL", "0")
            .stdin(Stdio::null())
            .output()?;
        successful(output)?;
        Ok(seconds_of_children()? - before)
    }

    /// A program of it has to be compiled again, as if it had been changed.
    pub fn change(&self, program: &str) -> Fallible {
        let source = self.source(program);
        Ok(fs::write(&source, fs::read(&source)?)?)
    }

    /// Nothing of it is built.
    pub fn clean(&self) -> Fallible {
        match fs::remove_dir_all(self.target()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Of a program's release, without symbols.
    pub fn kibibytes(&self, program: &str) -> Fallible<u64> {
        Ok(fs::metadata(self.built(program))?.len() / 1024)
    }

    /// A program's release.
    pub fn built(&self, program: &str) -> PathBuf {
        self.target().join("release").join(program)
    }

    pub fn path(&self) -> &Path {
        &self.directory
    }

    fn source(&self, program: &str) -> PathBuf {
        self.directory
            .join("src/bin")
            .join(program)
            .with_extension("rs")
    }

    fn target(&self) -> PathBuf {
        self.directory.join("target")
    }
}

/// Where that is built: below the target directory, beside this program.
pub fn directory(name: &str) -> Fallible<PathBuf> {
    let this = env::current_exe()?;
    let target = this.ancestors().nth(2).ok_or("this program is nowhere")?;
    Ok(target.join("generated").join(name))
}

/// Of all that this process has waited for, by Linux.
fn seconds_of_children() -> Fallible<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(") ").ok_or("no name in /proc/self/stat")?;
    // After the name: state, parent, … user and system time of the children.
    let ticks = fields.split(' ').skip(13).take(2).map(str::parse::<f64>);
    let ticks: Vec<f64> = ticks.collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<f64>() / TICKS_PER_SECOND)
}
