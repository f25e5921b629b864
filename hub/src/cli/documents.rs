//! `watling publish`, `find` and `get`.

use super::args::{FindArgs, GetArgs, PublishArgs};
use super::{Ended, print_json, runtime};
use crate::client::find::{Found, Search, find as find_documents};
use crate::client::get::{GetError, get as get_document};
use crate::client::publish::{Published, Publisher};
use crate::client::{Shown, Target, age};
use gateway::conflicts::{LOCATION, decision_words};
use indicatif::{ProgressBar, ProgressStyle};
use schemas::described::Description;
use std::path::Path;

fn described(args: &PublishArgs) -> Option<Description> {
    match (&args.document_type, &args.patient) {
        (Some(document_type), Some(number)) => Some(Description {
            family_name: args.family_name.clone(),
            given_name: args.given_name.clone(),
            birth_date: args.born,
            title: args.title.clone(),
            event: args.event.clone(),
            ..Description::new(document_type, *number)
        }),
        _ => None,
    }
}

pub(super) fn publish(args: PublishArgs) -> Result<Ended, String> {
    let described = described(&args);
    let (files, json) = (args.files, args.json);
    let target: Target = args.target.into();
    let publisher = Publisher::new(&target)?;
    let results = runtime()?.block_on(async {
        let bar = bar(files.len());
        let mut results = Vec::new();
        for file in &files {
            results.push(publish_file(&publisher, file, described.as_ref()).await);
            bar.inc(1);
        }
        bar.finish_and_clear();
        results
    });
    let refused = results.iter().filter(|result| result.status == "refused").count();
    if json {
        print_json(&results)?;
    } else {
        summarise(&results, refused);
    }
    Ok(if refused == 0 { Ended::Done } else { Ended::Failed })
}

async fn publish_file(
    publisher: &Publisher,
    file: &Path,
    described: Option<&Description>,
) -> Published {
    let name = file.display().to_string();
    let refused = |error: String| Published {
        file: name.clone(),
        status: "refused",
        unique_id: None,
        errors: vec![error],
    };
    match std::fs::read(file) {
        Ok(bytes) if bytes.is_empty() => refused("the file is empty: export it again".to_owned()),
        Ok(bytes) => publisher.publish(&name, bytes, described).await,
        Err(error) => refused(error.to_string()),
    }
}

fn bar(count: usize) -> ProgressBar {
    if count < 2 {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} published, {eta} left");
    let bar = ProgressBar::new(count as u64);
    style.map_or(bar.clone(), |style| bar.with_style(style))
}

fn summarise(results: &[Published], refused: usize) {
    for result in results {
        match &result.unique_id {
            Some(unique_id) => say!("{}  {}  {unique_id}", result.status, result.file),
            None => say!("{}  {}", result.status, result.file),
        }
        for error in &result.errors {
            say!("    {error}");
        }
    }
    say!("{} published, {refused} refused", results.len() - refused);
}

pub(super) fn find(args: FindArgs) -> Result<Ended, String> {
    let search = Search {
        patient: args.nhs_number,
        document_type: args.document_type.clone(),
        since: args.since.clone(),
    };
    let json = args.json;
    let connection = Target::from(args.target).connect("gateway")?;
    let code_sets = crate::fixtures::code_sets()?;
    let found = runtime()?.block_on(find_documents(&connection, &code_sets, &search))?;
    if json {
        print_json(&found.entries)?;
        found.errors.iter().for_each(|error| eprintln!("{}: {error}", severity(error)));
    } else {
        print_found(&found);
    }
    Ok(if found.is_refused() { Ended::Failed } else { Ended::Done })
}

fn severity(error: &schemas::error::XdsError) -> &'static str {
    if error.is_error() { "refused" } else { "warning" }
}

/// Entries for a person to read, then what the gateway had to say.
pub(crate) fn print_found(found: &Found) {
    // Before anything else: whoever reads only the first line must not miss it.
    let (decisions, others): (Vec<_>, Vec<_>) =
        found.errors.iter().partition(|error| error.location == LOCATION);
    decisions.iter().for_each(|warning| say!("(!) {}", warning.context));
    for entry in &found.entries {
        print_entry(entry);
    }
    if found.entries.is_empty() && !found.is_refused() {
        say!("nothing found that this organisation may see");
    }
    for error in others {
        say!("{}: {}", severity(error), error.context);
    }
}

fn print_entry(entry: &Shown) {
    let future = if entry.future_dated { "  (!) dated in the future" } else { "" };
    say!("{}  {}{future}", entry.title, entry.unique_id);
    let happened = match (&entry.service_start_time, &entry.service_stop_time) {
        (Some(start), Some(stop)) if start != stop => format!("{} to {}", age(start), age(stop)),
        (Some(time), _) | (None, Some(time)) => age(time),
        _ => "not stated".to_owned(),
    };
    let written = entry.creation_time.as_deref().map_or("not stated".to_owned(), age);
    say!("    {}", entry.patient.line());
    let from = match entry.publisher_ods.as_str() {
        "" => "a publisher that is withheld",
        ods => ods,
    };
    say!("    {} from {from}", entry.type_code_display_name);
    if let Some(line) = decision(entry) {
        say!("    {line}");
    }
    match entry.likely_duplicates {
        0 => {}
        1 => say!(
            "    (!) another document is of the same encounter and type: likely one letter twice"
        ),
        count => say!(
            "    (!) {count} other documents are of the same encounter and type: likely one letter"
        ),
    }
    say!("    happened {happened}; written {written}; arrived {}", age(&entry.registered_at));
    if !entry.patient.withheld.is_empty() {
        say!("    withheld to protect the patient: {}", entry.patient.withheld.join(", "));
    }
}

/// What was decided on resuscitation, where the metadata say it.
fn decision(entry: &Shown) -> Option<String> {
    let what: Vec<&str> = entry.cpr_decision.iter().map(|code| decision_words(code)).collect();
    let decided = entry.decision_date.as_deref().map(|date| format!("decided {}", age(date)));
    let review = entry.review_date.as_deref().map(|date| format!("review due {}", age(date)));
    let what = (!what.is_empty()).then(|| what.join(" and "));
    let parts: Vec<String> = what.into_iter().chain(decided).chain(review).collect();
    (!parts.is_empty()).then(|| format!("CPR decision: {}", parts.join(", ")))
}

pub(super) fn get(args: GetArgs) -> Result<Ended, String> {
    let connection = Target::from(args.target).connect("gateway")?;
    let fetched = match runtime()?.block_on(get_document(&connection, &args.unique_id)) {
        Ok(fetched) => fetched,
        Err(GetError::Refused(errors)) => {
            errors.iter().for_each(|error| eprintln!("watling: {error}"));
            if args.json {
                print_json(&[(); 0])?;
            }
            return Ok(Ended::Failed);
        }
        Err(GetError::Failed(reason)) => return Err(reason),
    };
    fetched
        .write_to(&args.output)
        .map_err(|error| format!("{}: {error}", args.output.display()))?;
    let to_stdout = args.output == Path::new("-");
    if args.json && !to_stdout {
        print_json(&[serde_json::json!({
            "uniqueId": fetched.unique_id,
            "mimeType": fetched.mime_type,
            "size": fetched.size,
            "hash": fetched.hash.as_str(),
            "file": args.output.display().to_string(),
        })])?;
    } else if !to_stdout {
        say!(
            "{}  {}  {} bytes  SHA-1 {} as in its metadata",
            args.output.display(),
            fetched.mime_type,
            fetched.size,
            fetched.hash
        );
    }
    Ok(Ended::Done)
}
