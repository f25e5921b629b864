//! What a person types.

use super::bed::Options;
use super::case::{self, Case};
use super::codes::Codes;
use super::report;
use super::run::{self, Outcome, Verdict};
use clap::Parser;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const EXAMPLES: &str = "Examples:
  A hub of this project, in a folder of its own:
    watling serve --data bench --conformance &
    cargo run -p tests --bin conformance -- --registry https://127.0.0.1:8441/registry \\
      --repository https://127.0.0.1:8442/repository --cacert bench/pki/ca.pem \\
      --cert bench/pki/clients/conformance.pem --key bench/pki/clients/conformance.key
  Stored queries only, with a page to read:
    ... --only 'query/*' --html conformance.html
  A registry without metadata update, whose codes are in a test bed's file:
    ... --skip mu --skip rmu --codes codes.xml --patient-domain 1.3.6.1.4.1.21367.13.20.1000
  A registry that must be told of each patient:
    ... --patients feed --feed-url https://registry.example/pix
  What there is, and one case with everything that was sent:
    conformance --list
    ... --only 11992 --save exchanges
  Answers on connections of their own, for a hub whose [async] reply_to lists the address:
    ... --reply-listen 127.0.0.1:9443 --reply-cert replies.pem --reply-key replies.key

Exit status: 0 when nothing failed, 1 when something did, 2 when nothing could be run.
A case is a TOML file in tests/conformance/AREA/ID.toml; adding one is adding a file.";

/// Runs conformance cases against an XDS.b registry and repository and prints a table: id, what is
/// asserted, pass or fail, evidence.
#[derive(Debug, Parser)]
#[command(name = "conformance", after_help = EXAMPLES)]
pub struct Cli {
    /// The registry's address (ITI-18, 42, 57, 61, 62, 92)
    #[arg(long, value_name = "URL")]
    pub registry: Option<String>,
    /// The repository's address (ITI-41, 43, 86)
    #[arg(long, value_name = "URL")]
    pub repository: Option<String>,
    /// Where ITI-44 goes [default: the registry's address with /pix]
    #[arg(long, value_name = "URL")]
    pub feed_url: Option<String>,
    /// The client's certificate chain, PEM
    #[arg(long, value_name = "FILE")]
    pub cert: Option<PathBuf>,
    /// Its private key, PEM
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Who signed the servers' certificates, PEM
    #[arg(long, value_name = "FILE")]
    pub cacert: Option<PathBuf>,
    /// any: the registry takes every NHS number; feed: each patient is announced by ITI-44 first
    #[arg(long, value_name = "MODE", default_value = "any", value_parser = ["any", "feed"])]
    pub patients: String,
    /// Assigning authority of patient ids
    #[arg(long, value_name = "OID", default_value = "2.16.840.1.113883.2.1.4.1")]
    pub patient_domain: String,
    /// The affinity domain's codes: codes.xml or a code set in TOML [default: the project's own]
    #[arg(long, value_name = "FILE")]
    pub codes: Option<PathBuf>,
    /// Only cases whose id or AREA/ID fits; * stands for anything; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub only: Vec<String>,
    /// Leave out cases that need this option of the registry; may be repeated
    #[arg(long, value_name = "TAG")]
    pub skip: Vec<String>,
    /// List the cases and what they need
    #[arg(long)]
    pub list: bool,
    /// Cases that run at the same time
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub jobs: usize,
    /// Seconds to wait for an answer
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub timeout: u64,
    /// Listen here for asynchronous answers, HOST:PORT; without it those cases are skipped
    #[arg(long, value_name = "ADDRESS")]
    pub reply_listen: Option<String>,
    /// How the registry reaches that address [default: https:// and the address]
    #[arg(long, value_name = "URL")]
    pub reply_url: Option<String>,
    /// The listener's certificate, PEM [default: the client's]
    #[arg(long, value_name = "FILE", requires = "reply_key")]
    pub reply_cert: Option<PathBuf>,
    /// The listener's private key, PEM
    #[arg(long, value_name = "FILE", requires = "reply_cert")]
    pub reply_key: Option<PathBuf>,
    /// Write the table as a page
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write the outcome as JUnit XML
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Keep every request and answer in this folder
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
    /// The cases
    #[arg(long, value_name = "DIR")]
    pub cases: Option<PathBuf>,
}

/// The folder of cases in this checkout.
pub fn own_cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance")
}

impl Cli {
    pub fn options(&self) -> Result<Options, String> {
        fn given<T: Clone>(value: &Option<T>, name: &str) -> Result<T, String> {
            value.clone().ok_or_else(|| format!("--{name} is needed; see --help"))
        }
        let registry = given(&self.registry, "registry")?;
        let feed_url = self.feed_url.clone();
        Ok(Options {
            feed_url: feed_url.unwrap_or_else(|| format!("{}/pix", registry.trim_end_matches('/'))),
            registry,
            repository: given(&self.repository, "repository")?,
            certificate: given(&self.cert, "cert")?,
            key: given(&self.key, "key")?,
            authority: given(&self.cacert, "cacert")?,
            patient_domain: self.patient_domain.clone(),
            feed: self.patients == "feed",
            codes: self.codes.as_deref().map_or_else(Codes::own, Codes::read)?,
            reply_listen: self.reply_listen.clone(),
            reply_url: self.reply_url.clone(),
            reply_certificate: self.reply_cert.clone(),
            reply_key: self.reply_key.clone(),
            jobs: self.jobs,
            timeout: Duration::from_secs(self.timeout),
        })
    }

    /// The cases that are wanted, in order.
    pub fn cases(&self) -> Result<Vec<Arc<Case>>, String> {
        let folder = self.cases.clone().unwrap_or_else(own_cases);
        let wanted = |case: &Case| {
            let path = format!("{}/{}", case.area, case.id);
            let named = self.only.iter().any(|glob| fits(glob, &case.id) || fits(glob, &path));
            (self.only.is_empty() || named) && !case.needs.iter().any(|tag| self.skip.contains(tag))
        };
        let cases: Vec<_> = case::load(&folder)?.into_iter().filter(wanted).map(Arc::new).collect();
        if cases.is_empty() { Err("no case fits --only and --skip".to_owned()) } else { Ok(cases) }
    }
}

/// `*` stands for any run of characters.
pub fn fits(glob: &str, text: &str) -> bool {
    match glob.split_once('*') {
        None => glob == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.map(|at| &text[at..]).any(|text| fits(rest, text))
        }),
    }
}

/// Runs what was asked for.
pub fn main(cli: &Cli) -> ExitCode {
    let ran = if cli.list { list(cli) } else { work(cli) };
    match ran {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "conformance: {error}");
            ExitCode::from(2)
        }
    }
}

fn list(cli: &Cli) -> Result<bool, String> {
    let mut out = String::new();
    let cases = cli.cases()?;
    for case in &cases {
        let needs = if case.needs.is_empty() {
            String::new()
        } else {
            format!(" [{}]", case.needs.join(", "))
        };
        out.push_str(&format!("{}/{}  {}{needs}\n", case.area, case.id, case.title));
    }
    out.push_str(&format!("{} cases\n", cases.len()));
    std::io::stdout().write_all(out.as_bytes()).map_err(|error| error.to_string())?;
    Ok(true)
}

fn work(cli: &Cli) -> Result<bool, String> {
    let (options, cases) = (cli.options()?, cli.cases()?);
    let about = about(&options);
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let started = std::time::Instant::now();
    let outcomes = runtime.block_on(run::all(options, cases.clone(), progress(cases.len())))?;
    if std::io::stderr().is_terminal() {
        let _ = write!(std::io::stderr(), "\r\u{1b}[K");
    }
    let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let mut table = report::table(&outcomes, colour);
    table.push_str(&format!("in {:.1} s\n", started.elapsed().as_secs_f64()));
    std::io::stdout().write_all(table.as_bytes()).map_err(|error| error.to_string())?;
    write_reports(cli, &outcomes, &about)?;
    Ok(!outcomes.iter().any(|outcome| outcome.verdict == Verdict::Failed))
}

fn about(options: &Options) -> Vec<(&'static str, String)> {
    vec![
        ("Registry", options.registry.clone()),
        ("Repository", options.repository.clone()),
        ("Patient domain", options.patient_domain.clone()),
        ("Patients", if options.feed { "announced by ITI-44" } else { "any" }.to_owned()),
        ("Time", super::bed::now()),
    ]
}

/// A line that counts, on a terminal.
fn progress(total: usize) -> impl Fn(&Outcome) + Send + Sync + 'static {
    let done = AtomicUsize::new(0);
    let shown = std::io::stderr().is_terminal();
    move |outcome| {
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if shown {
            let id = &outcome.case.id;
            let _ = write!(std::io::stderr(), "\r\u{1b}[K{done}/{total} {id}");
        }
    }
}

fn write_reports(cli: &Cli, outcomes: &[Outcome], about: &[(&str, String)]) -> Result<(), String> {
    let write = |path: &Path, text: String| {
        std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
    };
    if let Some(path) = &cli.html {
        write(path, report::html(outcomes, about))?;
    }
    if let Some(path) = &cli.junit {
        write(path, report::junit(outcomes))?;
    }
    if let Some(folder) = &cli.save {
        outcomes.iter().try_for_each(|outcome| report::save(outcome, folder))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        assert!(fits("query/*", "query/11897-approved"));
        assert!(fits("*-left*", "11897-left-edge") && fits("a", "a"));
        assert!(!fits("a", "ab") && !fits("query/*", "folders/x"));
    }
}
