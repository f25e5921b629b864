//! `watling audit who-saw`: who has seen what of a patient, as the patient may read it or whole.

use super::args::{View, WhoSawArgs};
use super::desk::Desk;
use super::{disclosed, whole};
use crate::cli::{Ended, print_json};
use crate::config::Config;
use crate::serve::{Options, open_identities};
use node::audit::{AuditRecord, about, each};
use schemas::hl7::PatientId;
use std::path::{Path, PathBuf};

pub(super) async fn run(data: &Path, config: Config, args: &WhoSawArgs) -> Result<Ended, String> {
    let patients = patients(data, &config, args).await?;
    let desk = Desk::open(data, config).await?;
    let what = match args.view {
        View::Subject => "who has seen a patient's documents, as the patient may read it",
        View::Investigator => "who has seen a patient's documents, whole",
    };
    let why = format!("{what}; asked by {}: {}", args.by, args.reason);
    desk.record(&why, Some(patients[0].clone())).await?;
    let records = records(data, args, &patients)?;
    let span = args.span.span();
    let in_span = |record: &&AuditRecord| {
        let at = record.event.happened_at();
        span.since.as_ref().is_none_or(|since| at >= since.as_str())
            && span.until.as_ref().is_none_or(|until| at < until.as_str())
    };
    let records: Vec<&AuditRecord> = records.iter().filter(in_span).collect();
    match args.view {
        View::Subject => {
            let rows = disclosed::rows(&desk, &records, &patients);
            if args.form.json {
                print_json(&rows)?;
            } else {
                disclosed::say(&rows, args.form.csv);
            }
        }
        View::Investigator => {
            let rows = whole::rows(&desk, &records, &patients);
            if args.form.json {
                print_json(&rows)?;
            } else {
                whole::say(&rows, args.form.csv);
            }
        }
    }
    Ok(Ended::Done)
}

/// The patient and everyone merged with it, CX form, the asked one first.
async fn patients(data: &Path, config: &Config, args: &WhoSawArgs) -> Result<Vec<String>, String> {
    let patient = PatientId::Nhs(args.nhs_number);
    let mut all = vec![patient.text()];
    if !data.join("registry").is_dir() {
        eprintln!(
            "watling: the registry is not in {}: identifiers merged with this number were not looked up",
            data.display()
        );
        return Ok(all);
    }
    let options = Options::new(data.to_owned(), config.clone());
    let identities = open_identities(&options).await?;
    let chain = identities.store.chain(&patient).await.map_err(|error| error.to_string())?;
    let known = std::iter::once(&chain.survivor).chain(&chain.subsumed);
    all.extend(known.filter(|known| known.id != patient).map(|known| known.id.text()));
    Ok(all)
}

/// Records of every service in every folder, by time.
fn records(
    data: &Path,
    args: &WhoSawArgs,
    patients: &[String],
) -> Result<Vec<AuditRecord>, String> {
    let mut all = Vec::new();
    let folders = std::iter::once(data).chain(args.also.iter().map(PathBuf::as_path));
    for data in folders {
        for (_, folder) in super::folders(data)? {
            let failed = |error| format!("{}: {error}", folder.display());
            if args.scan {
                let mut seen = |record: AuditRecord| {
                    let of = |patient: &&str| patients.iter().any(|wanted| wanted == patient);
                    if record.event.patients().iter().any(of) {
                        all.push(record);
                    }
                };
                each(&folder, &args.span.span(), &mut seen).map_err(failed)?;
            } else {
                all.extend(about(&folder, patients).map_err(failed)?);
            }
        }
    }
    all.sort_by(|a, b| a.event.happened_at().cmp(b.event.happened_at()));
    Ok(all)
}
