//! `watling check`: everything that would stop a start, without starting.

use super::Ended;
use super::args::CheckArgs;
use crate::config::{Config, PkiSection};
use crate::data::{DataFolder, Stamp};
use crate::pki::trusts_development;
use node::tls::Identity;

pub(super) fn run(args: CheckArgs) -> Result<Ended, String> {
    let config = Config::load(args.config.as_deref())?;
    let mut problems = Vec::new();
    match config.code_sets() {
        Ok(sets) => say!(
            "# code sets: version {}, {} document types",
            sets.version,
            sets.document_type.len()
        ),
        Err(problem) => problems.push(problem),
    }
    if let Some(own) = &config.pki {
        pki(own, &mut problems);
    }
    if let Some(path) = args.data.as_ref().filter(|path| path.is_dir()) {
        let stamp = DataFolder { path: path.clone() }.stamp()?;
        say!(
            "# data: {} ({})",
            path.display(),
            stamp.map_or("not used yet".to_owned(), |s| format!("{s:?}").to_lowercase())
        );
        match (stamp, config.pki.is_some()) {
            (Some(Stamp::Development), true) => problems.push(format!(
                "{} is a development folder; a hub with its own [pki] needs a live one",
                path.display()
            )),
            (Some(Stamp::Live), false) => problems.push(format!(
                "{} is a live folder and the configuration has no [pki]",
                path.display()
            )),
            _ => {}
        }
    }
    say!("{}", config.effective());
    for problem in &problems {
        eprintln!("watling: {problem}");
    }
    Ok(if problems.is_empty() { Ended::Done } else { Ended::Failed })
}

fn pki(own: &PkiSection, problems: &mut Vec<String>) {
    match trusts_development(&own.trust) {
        Ok(true) => {
            problems.push(format!("pki.trust: {} is a development CA", own.trust.display()))
        }
        Ok(false) => {}
        Err(problem) => problems.push(format!("pki.trust: {problem}")),
    }
    for (role, pair) in
        [("registry", &own.registry), ("repository", &own.repository), ("gateway", &own.gateway)]
    {
        let Some(pair) = pair else { continue };
        let identity = Identity {
            certificate: pair.certificate.clone(),
            key: pair.key.clone(),
            trust: own.trust.clone(),
            revoked: own.revoked.clone(),
        };
        if let Err(problem) = identity.server_config() {
            problems.push(format!("pki.{role}: {problem}"));
        }
    }
}
