//! `watling report duplicates`: one letter by several routes.

use super::args::DuplicatesArgs;
use crate::cli::{Ended, print_json};
use crate::client::age;
use crate::config::Config;
use crate::serve::store;
use registry::duplicates::Duplicates;
use schemas::hl7::Cxi;
use std::path::Path;
use std::sync::Arc;

pub(super) async fn say(
    data: &Path,
    config: &Config,
    args: DuplicatesArgs,
) -> Result<Ended, String> {
    let folder = data.join("registry");
    if !folder.is_dir() {
        let folder = folder.display();
        return Err(format!("{folder} is not there: run this where the registry is"));
    }
    let code_sets = Arc::new(config.code_sets()?);
    let index = store::open(&config.registry.store, &folder, code_sets.clone()).await?;
    let publisher = args.publisher.as_ref().map(ToString::to_string);
    let since = args.since.as_ref().map(|since| since.first_second());
    let found = index.duplicates(publisher, since).await.map_err(|error| error.to_string())?;
    if args.json {
        print_json(&found)?;
        return Ok(Ended::Done);
    }
    for group in &found {
        let known = code_sets.document_type(&group.type_code, &group.practice_setting);
        let label = known.map_or(group.type_code.as_str(), |known| known.label.as_str());
        say!("{label} of {}, encounter {}", group.publisher_ods, encounter(group));
        say!("    {} documents, {}", group.documents.len(), group.evidence.label());
        for one in &group.documents {
            let written = one.creation_time.as_deref().map_or("not stated".to_owned(), age);
            say!("    {}  written {written}, arrived {}", one.unique_id, age(&one.registered_at));
        }
    }
    match found.len() {
        0 => say!("no document stands under several ids"),
        1 => say!("1 group; queries answer with every document of it"),
        count => say!("{count} groups; queries answer with every document of each"),
    }
    Ok(Ended::Done)
}

/// The identifier alone.
fn encounter(group: &Duplicates) -> &str {
    let known = Cxi::parse(&group.encounter).is_ok();
    let id = group.encounter.split('^').next().filter(|_| known);
    id.unwrap_or(&group.encounter)
}
