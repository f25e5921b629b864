//! `watling audit export`: a piece of each log as a file.

use super::args::ExportArgs;
use super::desk::Desk;
use crate::cli::Ended;
use crate::config::Config;
use node::audit::{ExportFormat, export};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

pub(super) async fn run(data: &Path, config: Config, args: &ExportArgs) -> Result<Ended, String> {
    let mut found = super::folders(data)?;
    found.retain(|(role, _)| args.service.is_none_or(|wanted| wanted == *role));
    let desk = Desk::open(data, config).await?;
    let span = args.span.span();
    let shown = |at: &Option<String>, otherwise: &str| at.clone().unwrap_or(otherwise.to_owned());
    let (since, until) = (shown(&span.since, "the beginning"), shown(&span.until, "now"));
    desk.record(&format!("the audit log was exported, from {since} to {until}"), None).await?;
    for (role, folder) in &found {
        let path = named(&args.out, role.name(), found.len() > 1);
        let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let file = std::fs::File::create_new(&path).map_err(|error| failed(&error))?;
        let mut to = BufWriter::new(file);
        let format = if args.dicom { ExportFormat::Dicom } else { ExportFormat::Json };
        let done = export(folder, role.name(), &span, format, &mut to);
        let done = done.map_err(|error| failed(&error))?;
        to.flush().map_err(|error| failed(&error))?;
        let Some(done) = done else {
            say!("{:<10} nothing in this time", role.name());
            continue;
        };
        let proof = match (args.dicom, done.proved_by) {
            (true, _) => "messages only, they prove nothing".to_owned(),
            (false, Some(seq)) => format!("proved by the signed checkpoint at {seq}"),
            (false, None) => {
                "its end is not signed yet: export it again after the next checkpoint".to_owned()
            }
        };
        let (from, until) = (done.from, done.until);
        say!("{:<10} records {from} to {until} in {}, {proof}", role.name(), path.display());
    }
    Ok(Ended::Done)
}

/// `piece.jsonl` of several services: `piece.gateway.jsonl`.
fn named(out: &Path, service: &str, several: bool) -> PathBuf {
    if !several {
        return out.to_owned();
    }
    match out.extension() {
        Some(end) => out.with_extension(format!("{service}.{}", end.to_string_lossy())),
        None => out.with_extension(service),
    }
}
