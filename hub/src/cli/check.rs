//! `watling check`: everything that would stop a start, without starting.

use super::Ended;
use super::args::CheckArgs;
use crate::config::code_sets::{self, Loaded};
use crate::config::{Config, PkiSection};
use crate::data::{DataFolder, Stamp};
use crate::pki::own_problems;
use crate::serve::Role;

pub(super) fn run(args: CheckArgs) -> Result<Ended, String> {
    let config = Config::load(args.config.as_deref())?;
    let mut problems = Vec::new();
    match code_sets::load(&config) {
        Ok(Loaded { code_sets, notes }) => {
            let types = code_sets.document_type.len();
            say!("# code sets: version {}, {types} document types", code_sets.version);
            for note in notes {
                say!("#   {note}");
            }
        }
        Err(problem) => problems.push(problem),
    }
    if let Some(own) = &config.pki {
        problems.extend(own_problems(&config, own, &configured(own)));
    }
    if let Some(path) = args.data.as_ref().filter(|path| !path.is_dir()) {
        say!("# data: {} (not there yet: serve makes it)", path.display());
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

/// The roles that a configuration has certificates for; all, where it has none.
fn configured(own: &PkiSection) -> Vec<Role> {
    let has = |role: &Role| match role {
        Role::Registry => own.registry.is_some(),
        Role::Repository => own.repository.is_some(),
        Role::Gateway => own.gateway.is_some(),
    };
    let named: Vec<Role> = Role::ALL.into_iter().filter(has).collect();
    if named.is_empty() { Role::ALL.to_vec() } else { named }
}
