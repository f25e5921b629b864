//! JUnit's XML, for a CI that draws its own tables.

use super::Counts;
use crate::conformance::run::{Outcome, Verdict};
use schemas::xml::{attribute, text_element};
use std::fmt::Write;

pub fn junit(outcomes: &[Outcome]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let all = Counts::of(outcomes);
    let _ = writeln!(
        out,
        "<testsuites name=\"XDS.b conformance\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">",
        outcomes.len(),
        all.failed,
        all.skipped
    );
    for (area, of) in super::by_area(outcomes) {
        let counts = Counts::of(of.iter().copied());
        out.push_str("  <testsuite");
        attribute(&mut out, "name", area);
        let _ = writeln!(
            out,
            " tests=\"{}\" failures=\"{}\" skipped=\"{}\">",
            of.len(),
            counts.failed,
            counts.skipped
        );
        of.into_iter().for_each(|outcome| case(&mut out, outcome));
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn case(out: &mut String, outcome: &Outcome) {
    let case = &outcome.case;
    out.push_str("    <testcase");
    attribute(out, "classname", &case.area);
    attribute(out, "name", &format!("{}: {}", case.id, case.title));
    attribute(out, "file", &case.path.display().to_string());
    let _ = write!(out, " time=\"{:.3}\">", outcome.took.as_secs_f64());
    let evidence = outcome.evidence.join("\n");
    match outcome.verdict {
        Verdict::Passed => text_element(out, "system-out", &evidence),
        Verdict::Failed => {
            out.push_str("<failure");
            attribute(out, "message", outcome.evidence.get(1).map_or("", String::as_str));
            out.push('>');
            schemas::xml::escape_into(out, &evidence);
            out.push_str("</failure>");
        }
        Verdict::Skipped => {
            out.push_str("<skipped");
            attribute(out, "message", &evidence);
            out.push_str("/>");
        }
    }
    out.push_str("</testcase>\n");
}
