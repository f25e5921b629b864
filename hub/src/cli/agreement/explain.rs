//! `watling agreement explain`: each entry of a patient, permitted or withheld, and by what.

use super::entries::Entries;
use super::folder::{self, moment};
use super::lines::wrapped;
use crate::cli::{Ended, print_json};
use crate::client::age;
use crate::config::Config;
use clap::Args;
use gateway::decision::{
    Asker, BreakGlass, Denial, EntryView, Explanation, Finding, Moment, Shown, TransactionalFlag,
    decide_local, explain, remedy, standing,
};
use gateway::region::{Region, SystemProfile};
use node::audit::{Audit, AuditEvent, AuditKind, Outcome};
use node::clock::Clock;
use schemas::code_set::CodeSets;
use schemas::hl7::PatientId;
use schemas::metadata::EntryFacts;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

/// What stands for what would tell where a protected patient lives or is registered.
const WITHHELD: &str = "withheld";

#[derive(Args)]
#[command(after_help = "Examples:
  watling agreement explain --as ZZP01 9990000018
  watling agreement explain --as RX7 --role paramedic --purpose urgent-care 9990000018
  watling agreement explain --as RXL --department A-AND-E --incident --json 9990000018

Role and purpose are those of the system's profile where none is named. Each entry in force is
decided as it would be now, and all four controls are shown, with what would have to change. The
answer names no patient, and of a patient whose whereabouts are protected neither publisher nor
agreement. Run it where the gateway's folder is; the registry is asked where it is. That it was
asked is on record.")]
pub struct ExplainArgs {
    /// The patient
    #[arg(value_name = "NHS_NUMBER", value_parser = NhsNumber::parse)]
    pub nhs_number: NhsNumber,
    /// The organisation that asks
    #[arg(long = "as", value_name = "ODS")]
    pub as_ods: OdsCode,
    /// A role of the region, or an SDS job role code
    #[arg(long)]
    pub role: Option<String>,
    #[arg(long)]
    pub purpose: Option<String>,
    #[arg(long)]
    pub department: Option<String>,
    /// The system by which it asks; its own where absent
    #[arg(long, value_name = "NAME")]
    pub system: Option<String>,
    /// With the flag of an incident or a case
    #[arg(long)]
    pub incident: bool,
    /// As one who breaks the glass, with a second factor
    #[arg(long)]
    pub break_glass: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Where the registry is, if not in this folder
    #[arg(long, value_name = "URL")]
    pub registry_url: Option<String>,
}

pub(super) async fn run(
    args: &ExplainArgs,
    data: &Path,
    config: Option<&Path>,
) -> Result<Ended, String> {
    let config = Config::load(config)?;
    let code_sets = Arc::new(config.code_sets()?);
    let store = folder::open(data).await?;
    let region = store.region().map_err(|error| error.to_string())?;
    let at = moment();
    let shown = shown(args, at);
    let system = system(&region, args)?;
    let asker =
        match standing(&region, at, &system.name, &system.organisation, &args.as_ods, &shown) {
            Ok(asker) => asker,
            Err(denial) => {
                record(args, data, "refused as a whole".to_owned()).await?;
                return refused(args, &region, denial);
            }
        };
    let url = args.registry_url.as_deref();
    let entries = Entries::here(data, &config, code_sets.clone()).await?;
    let entries = match entries {
        Some(entries) => entries,
        None => Entries::elsewhere(data, &config, url)?,
    };
    let found = entries.of_patient(args.nhs_number).await?;
    let facts = store.patient_facts(args.nhs_number, at.today).await.map_err(|e| e.to_string())?;
    let explained: Vec<Explained> = found
        .iter()
        .map(|entry| {
            let view = view(entry, &code_sets);
            let explanation = match entry.patient_id {
                PatientId::Nhs(_) => explain(&region, at, &asker, &facts, &view),
                PatientId::Other(_) => Explanation {
                    findings: explain(&region, at, &asker, &facts, &view).findings,
                    outcome: decide_local(&region, at, &asker, &view),
                },
            };
            Explained { entry, explanation }
        })
        .collect();
    let permitted = explained.iter().filter(|one| one.explanation.outcome.is_ok()).count();
    let withheld = explained.len() - permitted;
    record(args, data, format!("{permitted} permitted, {withheld} withheld")).await?;
    say(args, &region, &asker, &code_sets, &explained)
}

struct Explained<'e> {
    entry: &'e EntryFacts,
    explanation: Explanation,
}

fn shown(args: &ExplainArgs, at: Moment) -> Shown {
    let until = at.now.checked_add(jiff::SignedDuration::from_hours(1)).unwrap_or(at.now);
    Shown {
        role: args.role.clone(),
        purpose: args.purpose.clone(),
        organisation: None,
        department: args.department.clone(),
        transactional: args.incident.then(|| TransactionalFlag {
            kind: "ambulance-incident".to_owned(),
            reference: "explained".to_owned(),
            until,
        }),
        break_glass: args
            .break_glass
            .then(|| BreakGlass { reason: "explained".to_owned(), second_factor: true }),
    }
}

/// The system that is named, or the first of the organisation's own, or one that acts for it.
fn system<'r>(region: &'r Region, args: &ExplainArgs) -> Result<&'r SystemProfile, String> {
    let ods = &args.as_ods;
    let may =
        |system: &&SystemProfile| system.organisation == *ods || system.acts_for.contains(ods);
    let mut systems = region.systems.iter().filter(may);
    let found = match &args.system {
        Some(name) => systems.find(|system| system.name == *name),
        None => {
            let own = region.systems.iter().find(|system| system.organisation == *ods);
            own.or_else(|| systems.next())
        }
    };
    found.ok_or_else(|| match &args.system {
        Some(name) => format!("no system {name:?} asks for {ods}: the region has no such profile"),
        None => format!(
            "no system asks for {ods}: {}",
            remedy(Denial::UnknownSystem, region, None, None)
        ),
    })
}

fn view<'e>(entry: &'e EntryFacts, code_sets: &'e CodeSets) -> EntryView<'e> {
    EntryView {
        unique_id: entry.unique_id.as_str(),
        publisher_ods: entry.publisher_ods.as_ref(),
        document_type: code_sets.document_type(&entry.type_code, &entry.practice_setting),
        confidentiality: &entry.confidentiality,
        recipients: &entry.recipients,
    }
}

/// That somebody asked what an organisation would see of a patient.
async fn record(args: &ExplainArgs, data: &Path, what: String) -> Result<(), String> {
    let folder = data.join("gateway");
    let audit =
        Audit::open(&folder, "gateway", Clock::System).map_err(|error| error.to_string())?;
    let words = format!("explained what {} would see: {what}", args.as_ods);
    let mut event = AuditEvent::new("gateway", AuditKind::Report, Outcome::Success).because(words);
    event.patient_id = Some(PatientId::Nhs(args.nhs_number).text());
    event.role.clone_from(&args.role);
    event.purpose.clone_from(&args.purpose);
    audit.record(event).await.map_err(|error| error.to_string())
}

/// Nothing of this depends on the patient, so it is said aloud to the asker too.
fn refused(args: &ExplainArgs, region: &Region, denial: Denial) -> Result<Ended, String> {
    let would = remedy(denial, region, None, None);
    if args.json {
        let control = denial.control().name();
        let refused = json!({ "control": control, "reason": denial.code(), "remedy": would });
        print_json(&json!({ "as": args.as_ods, "refused": refused, "entries": [] }))?;
        return Ok(Ended::Done);
    }
    say!("{} is refused aloud, whoever the patient is", args.as_ods);
    say!("  {}: {}", denial.control().name(), denial.code());
    for line in wrapped(&format!("it would be answered if {would}"), 96) {
        say!("  {line}");
    }
    Ok(Ended::Done)
}

fn say(
    args: &ExplainArgs,
    region: &Region,
    asker: &Asker<'_>,
    code_sets: &CodeSets,
    explained: &[Explained<'_>],
) -> Result<Ended, String> {
    let mut explained: Vec<&Explained<'_>> = explained.iter().collect();
    explained.sort_by_key(|one| std::cmp::Reverse(one.entry.registered_at.first_second()));
    if args.json {
        let entries: Vec<Value> = explained.iter().map(|one| value(one, code_sets)).collect();
        print_json(&json!({
            "as": args.as_ods, "system": asker.profile.name, "role": asker.role,
            "purpose": asker.purpose, "department": asker.department, "entries": entries,
        }))?;
        return Ok(Ended::Done);
    }
    let name = region.organisation(asker.organisation).map_or("", |o| o.name.as_str());
    let department = asker.department.as_ref().map(|of| format!(" of {of}")).unwrap_or_default();
    say!("{} {name}", asker.organisation);
    say!("  as {}{department} for {}, through {}", asker.role, asker.purpose, asker.profile.name);
    let permitted = explained.iter().filter(|one| one.explanation.outcome.is_ok()).count();
    say!("  {} permitted, {} withheld", permitted, explained.len() - permitted);
    explained.iter().for_each(|one| person(one, code_sets));
    if explained.is_empty() {
        say!("\nthe registry has no entry in force of this patient");
    }
    Ok(Ended::Done)
}

/// Of a protected patient the publisher is withheld, and what leads to it.
fn publisher(entry: &EntryFacts) -> String {
    match &entry.publisher_ods {
        _ if entry.sensitive => format!("a publisher that is {WITHHELD}"),
        Some(ods) => ods.to_string(),
        None => "an unknown publisher".to_owned(),
    }
}

fn id(entry: &EntryFacts) -> String {
    if entry.sensitive { entry.entry_uuid.to_string() } else { entry.unique_id.to_string() }
}

fn label(entry: &EntryFacts, code_sets: &CodeSets) -> String {
    let known = code_sets.document_type(&entry.type_code, &entry.practice_setting);
    known.map_or_else(|| entry.type_code.clone(), |known| known.label.clone())
}

fn person(one: &Explained<'_>, code_sets: &CodeSets) {
    let Explained { entry, explanation } = one;
    let verdict = if explanation.outcome.is_ok() { "permitted" } else { "WITHHELD" };
    let arrived = age(entry.registered_at.as_str());
    say!("\n{verdict}  {} of {}, arrived {arrived}", label(entry, code_sets), publisher(entry));
    say!("    {}", id(entry));
    for finding in &explanation.findings {
        let mut lines = wrapped(&found(finding, entry.sensitive), 72).into_iter();
        say!("    {:<18} {}", finding.control.name(), lines.next().unwrap_or_default());
        lines.for_each(|line| say!("    {:<18} {line}", ""));
    }
    // What no control refuses can still be for its publisher and addressees alone.
    if let Err(denial) = &explanation.outcome
        && explanation.findings.iter().all(|finding| finding.denial.is_none())
    {
        say!("    {:<18} {}", denial.control().name(), denial.code());
    }
}

fn found(finding: &Finding, sensitive: bool) -> String {
    let agreement = match &finding.agreement {
        Some(_) if sensitive => Some(format!("an agreement that is {WITHHELD}")),
        other => other.clone(),
    };
    match (&finding.denial, agreement) {
        (Some(denial), agreement) => {
            let closest = agreement.map(|of| format!(" ({of})")).unwrap_or_default();
            let remedy = finding.remedy.as_deref().unwrap_or("a person looks at it");
            format!("{}{closest}: it would pass if {remedy}", denial.code())
        }
        (None, Some(agreement)) => format!("passes, by {agreement}"),
        (None, None) => match finding.basis {
            Some(basis) => format!("passes, by {}", basis.name()),
            None if finding.over_preference => "passes, although a wish is against it".to_owned(),
            None => "passes".to_owned(),
        },
    }
}

fn value(one: &Explained<'_>, code_sets: &CodeSets) -> Value {
    let Explained { entry, explanation } = one;
    let findings = explanation.findings.iter().map(|finding| {
        let agreement = finding.agreement.as_deref();
        json!({
            "control": finding.control.name(),
            "passes": finding.denial.is_none(),
            "reason": finding.denial.map(Denial::code),
            "agreement": if entry.sensitive { agreement.map(|_| WITHHELD) } else { agreement },
            "relationship": finding.basis.map(|basis| basis.name()),
            "overPreference": finding.over_preference,
            "remedy": finding.remedy,
        })
    });
    let known = code_sets.document_type(&entry.type_code, &entry.practice_setting);
    let publisher = entry.publisher_ods.as_ref().map(OdsCode::as_str);
    json!({
        "id": id(entry),
        "documentType": known.map(|known| known.name.as_str()),
        "publisher": if entry.sensitive { Some(WITHHELD) } else { publisher },
        "permitted": explanation.outcome.is_ok(),
        "reason": explanation.outcome.as_ref().err().map(|denial| denial.code()),
        "findings": findings.collect::<Vec<_>>(),
    })
}
