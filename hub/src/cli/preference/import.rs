//! `watling preference import`: a consent document of others, from a file.

use super::args::ImportArgs;
use crate::cli::Ended;
use crate::cli::gateway_desk::{ByHand, GatewayDesk};
use crate::config::Config;
use gateway::preference::import::{Ground, statements};
use gateway::preference::{Evidence, RecordedBy, problems};
use gateway::store::preference::{Imported, Source};
use schemas::consent::{ConsentDocument, bppc, fhir};
use schemas::unique_id::UniqueId;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::Path;

pub(super) fn run(desk: &GatewayDesk, args: &ImportArgs) -> Result<Ended, String> {
    let import = Config::load(args.config.as_deref())?.preference;
    if let Some(problem) = import.problems().into_iter().next() {
        return Err(problem);
    }
    let (document, version) = read(&args.file)?;
    let by = RecordedBy { organisation: args.organisation.clone(), person: args.by.clone() };
    let evidence = match UniqueId::parse(&document.id) {
        Ok(id) => Evidence::Document(id.to_string()),
        Err(_) => Evidence::Text("an imported FHIR Consent".to_owned()),
    };
    let (region, code_sets) = (desk.region()?, crate::fixtures::code_sets()?);
    let ground = Ground { by, evidence, today: desk.today() };
    let new = statements(&document, &import, &code_sets, &ground);
    let new = new.map_err(|error| format!("{}: {error}", args.file.display()))?;
    let problems: Vec<String> =
        new.iter().flat_map(|new| problems(new, &region, &code_sets)).collect();
    if !problems.is_empty() {
        problems.iter().for_each(|problem| eprintln!("watling: {problem}"));
        return Ok(Ended::Failed);
    }
    let words: Vec<String> = new.iter().map(|new| new.said.words()).collect();
    let source = Source { document: format!("{}|{}", args.organisation, document.id), version };
    let ground = (ground.by, ground.evidence);
    let kept = desk.store.import_statements(source, document.patient, new, ground, desk.now());
    let imported = desk.runtime.block_on(kept).map_err(|error| error.to_string())?;
    if imported == Imported::default() {
        say!("nothing changes: this document was taken before");
        return Ok(Ended::Done);
    }
    let by = ByHand { organisation: &args.organisation, person: &args.by };
    for id in &imported.withdrawn {
        let what =
            format!("statement {id} withdrawn: a newer version of its document was imported");
        desk.record(&by, Some(document.patient), what)?;
        say!("statement {id} is withdrawn: this is a newer version of its document");
    }
    for (id, words) in imported.kept.iter().zip(&words) {
        let what = format!("statement {id} imported: {words}");
        desk.record(&by, Some(document.patient), what)?;
        say!("statement {id}: {words}");
    }
    Ok(Ended::Done)
}

/// What the file says, and which version of it this is.
fn read(path: &Path) -> Result<(ConsentDocument, String), String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let most = bppc::BYTES_MAX.max(fhir::BYTES_MAX) as u64 + 1;
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| failed(&error))?;
    file.take(most).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    let json = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    let document = if json { fhir::read(&bytes) } else { bppc::read(&bytes) };
    let document = document.map_err(|error| failed(&error))?;
    let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((document, digest))
}
