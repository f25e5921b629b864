//! `watling agreement matrix`: who may see what.

mod grid;

use super::folder::{moment, region};
use crate::cli::{Ended, csv, print_json};
use crate::config::Config;
use clap::Args;
use gateway::decision::{Cell, Grant, matrix_of};
use gateway::region::Region;
use schemas::ods_code::OdsCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Args)]
#[command(after_help = "Examples:
  watling agreement matrix                              who asks by who publishes, a table a role
  watling agreement matrix --consumer RX7               what one organisation may see, in words
  watling agreement matrix --publisher RXN --purpose direct-care
  watling agreement matrix --csv > matrix.csv

What stands there is what agreements in force and the roles' tiers let through today. Whether an
organisation has to do with a patient, and what the patient wishes, is decided for each.")]
pub struct MatrixArgs {
    /// Only what this organisation may see
    #[arg(long, value_name = "ODS")]
    pub consumer: Option<OdsCode>,
    /// Only who may see this organisation's documents
    #[arg(long, value_name = "ODS")]
    pub publisher: Option<OdsCode>,
    /// Only for this purpose
    #[arg(long)]
    pub purpose: Option<String>,
    /// Print one JSON array
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Print comma-separated values
    #[arg(long)]
    pub csv: bool,
}

const COLUMNS: [&str; 10] = [
    "consumer",
    "publisher",
    "group",
    "types",
    "role",
    "purpose",
    "departments",
    "ceiling",
    "agreement",
    "indexOnly",
];

pub(super) async fn run(
    args: &MatrixArgs,
    data: &Path,
    config: Option<&Path>,
) -> Result<Ended, String> {
    let code_sets = Config::load(config)?.code_sets()?;
    let region = region(data).await?;
    for ods in [&args.consumer, &args.publisher].into_iter().flatten() {
        region
            .organisation(ods)
            .ok_or_else(|| format!("{ods} is not an organisation of this region"))?;
    }
    let (consumer, publisher) = (args.consumer.as_ref(), args.publisher.as_ref());
    let mut cells = matrix_of(&region, moment(), &code_sets, consumer, publisher);
    if let Some(purpose) = &args.purpose {
        cells.iter_mut().for_each(|cell| cell.grants.retain(|grant| grant.purpose == *purpose));
        cells.retain(|cell| !cell.grants.is_empty());
    }
    if args.json {
        print_json(&cells.iter().map(value).collect::<Vec<_>>())?;
    } else if args.csv {
        say!("{}", COLUMNS.join(","));
        for (cell, grant) in
            cells.iter().flat_map(|cell| cell.grants.iter().map(move |g| (cell, g)))
        {
            say!("{}", csv::line(&row(cell, grant).each_ref().map(String::as_str)));
        }
    } else if cells.is_empty() {
        say!("nobody may see anything here: `watling agreement gaps` says what is left undone");
    } else if args.consumer.is_some() || args.publisher.is_some() {
        in_words(&region, &cells);
    } else {
        grid::say(&cells);
    }
    Ok(Ended::Done)
}

fn value(cell: &Cell) -> Value {
    let grants = cell.grants.iter().map(|grant| {
        json!({
            "role": grant.role, "purpose": grant.purpose, "departments": grant.departments,
            "documentTypes": grant.document_types, "ceiling": grant.ceiling,
            "agreement": grant.agreement, "indexOnly": grant.index_only,
        })
    });
    json!({
        "consumer": cell.consumer, "publisher": cell.publisher, "group": cell.group,
        "grants": grants.collect::<Vec<_>>(),
    })
}

fn row(cell: &Cell, grant: &Grant) -> [String; 10] {
    [
        cell.consumer.to_string(),
        cell.publisher.to_string(),
        cell.group.clone(),
        types(grant),
        grant.role.clone(),
        grant.purpose.clone(),
        grant.departments.join(" "),
        grant.ceiling.clone(),
        grant.agreement.clone(),
        grant.index_only.to_string(),
    ]
}

fn types(grant: &Grant) -> String {
    if grant.document_types.is_empty() { "*".to_owned() } else { grant.document_types.join(" ") }
}

/// What one side of a pair is let through, and on what conditions.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Terms {
    agreement: String,
    role: String,
    purpose: String,
    departments: Vec<String>,
    ceiling: String,
    index_only: bool,
}

/// By who asks and who publishes.
type Words<'c> = BTreeMap<(&'c OdsCode, &'c OdsCode), Vec<String>>;

/// By agreement and role: which types of whom for whom. Pairs that are alike stand on one line.
fn in_words(region: &Region, cells: &[Cell]) {
    let mut by_terms: BTreeMap<Terms, Words<'_>> = BTreeMap::new();
    for cell in cells {
        for grant in &cell.grants {
            let terms = Terms {
                agreement: grant.agreement.clone(),
                role: grant.role.clone(),
                purpose: grant.purpose.clone(),
                departments: grant.departments.clone(),
                ceiling: grant.ceiling.clone(),
                index_only: grant.index_only,
            };
            let whole = grant.document_types.is_empty();
            let words = if whole { vec![cell.group.clone()] } else { grant.document_types.clone() };
            let pairs = by_terms.entry(terms).or_default();
            pairs.entry((&cell.consumer, &cell.publisher)).or_default().extend(words);
        }
    }
    for (terms, pairs) in by_terms {
        let title = region.agreements.iter().find(|v| v.reference() == terms.agreement);
        say!("{}  {}", terms.agreement, title.map_or("", |v| v.agreement.title.as_str()));
        let departments = match terms.departments.join(", ") {
            departments if departments.is_empty() => departments,
            departments => format!(" of {departments}"),
        };
        let index = if terms.index_only { ", listed and not opened" } else { "" };
        say!(
            "  as {}{departments} for {}, up to {}{index}",
            terms.role,
            terms.purpose,
            terms.ceiling
        );
        let mut alike: BTreeMap<Vec<String>, Vec<(&OdsCode, &OdsCode)>> = BTreeMap::new();
        for (pair, words) in pairs {
            alike.entry(words).or_default().push(pair);
        }
        for (words, pairs) in alike {
            for line in super::lines::wrapped(&spelled(&pairs), 94) {
                say!("    {line}");
            }
            for line in super::lines::wrapped(&words.join(", "), 90) {
                say!("        {line}");
            }
        }
    }
}

/// `RX7 of RBN, RXN`, `ZZP01, ZZP02 of RXN`: whichever side is one stands once.
fn spelled(pairs: &[(&OdsCode, &OdsCode)]) -> String {
    let side = |of: fn(&(&OdsCode, &OdsCode)) -> String| {
        let mut codes: Vec<String> = pairs.iter().map(of).collect();
        codes.dedup();
        codes.join(", ")
    };
    let consumers = side(|(consumer, _)| consumer.to_string());
    let publishers = side(|(_, publisher)| publisher.to_string());
    if !consumers.contains(',') || !publishers.contains(',') {
        return format!("{consumers} of {publishers}");
    }
    side(|(consumer, publisher)| format!("{consumer} of {publisher}"))
}
