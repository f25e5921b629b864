//! What a run has to say: on the terminal, as HTML, as JUnit, as files.

mod html;
mod junit;

pub use html::html;
pub use junit::junit;

use super::run::{Outcome, Verdict};
use std::fmt::Write;
use std::path::Path;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
}

impl Counts {
    pub fn of<'o>(outcomes: impl IntoIterator<Item = &'o Outcome>) -> Self {
        let mut counts = Self::default();
        for outcome in outcomes {
            match outcome.verdict {
                Verdict::Passed => counts.passed += 1,
                Verdict::Failed => counts.failed += 1,
                Verdict::Skipped => counts.skipped += 1,
            }
        }
        counts
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { passed, failed, skipped } = self;
        write!(out, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

pub fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "pass",
        Verdict::Failed => "FAIL",
        Verdict::Skipped => "skip",
    }
}

/// The outcomes of each area, in their order.
pub fn by_area(outcomes: &[Outcome]) -> Vec<(&str, Vec<&Outcome>)> {
    let mut areas: Vec<(&str, Vec<&Outcome>)> = Vec::new();
    for outcome in outcomes {
        let area = outcome.case.area.as_str();
        match areas.iter_mut().find(|(name, _)| *name == area) {
            Some((_, of)) => of.push(outcome),
            None => areas.push((area, vec![outcome])),
        }
    }
    areas
}

/// The table for a terminal: each case in a line, what a failure expected and received below it.
pub fn table(outcomes: &[Outcome], colour: bool) -> String {
    let paint = |code: &str, text: &str| {
        if colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    };
    let width = outcomes.iter().map(|o| o.case.id.len()).max().unwrap_or_default();
    let mut out = String::new();
    for (area, of) in by_area(outcomes) {
        let counts = Counts::of(of.iter().copied());
        let _ = writeln!(out, "\n{}  {counts}", paint("1", area));
        for outcome in of {
            let mark = match outcome.verdict {
                Verdict::Passed => paint("32", "pass"),
                Verdict::Failed => paint("31;1", "FAIL"),
                Verdict::Skipped => paint("33", "skip"),
            };
            let case = &outcome.case;
            let _ = writeln!(out, "  {mark}  {:width$}  {}", case.id, case.title);
            if outcome.verdict != Verdict::Passed {
                for line in &outcome.evidence {
                    let _ = writeln!(out, "        {:width$}{line}", "");
                }
            }
            if outcome.verdict == Verdict::Failed {
                let _ = writeln!(out, "        {:width$}{}", "", case.path.display());
            }
        }
    }
    let _ = writeln!(out, "\n{}", Counts::of(outcomes));
    out
}

/// Requests and answers, one file each: `area/id/01-ITI-42-request.xml`.
pub fn save(outcome: &Outcome, folder: &Path) -> Result<(), String> {
    let folder = folder.join(&outcome.case.area).join(&outcome.case.id);
    let written = std::fs::create_dir_all(&folder).and_then(|()| {
        for (n, exchange) in outcome.exchanges.iter().enumerate() {
            let name = format!("{:02}-{}", n + 1, exchange.transaction);
            std::fs::write(folder.join(format!("{name}-request.xml")), &exchange.sent)?;
            std::fs::write(folder.join(format!("{name}-answer.txt")), &exchange.received)?;
        }
        Ok(())
    });
    written.map_err(|error| format!("{}: {error}", folder.display()))
}
