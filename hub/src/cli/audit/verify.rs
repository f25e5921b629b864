//! `watling audit verify`: the chain and its signatures, with a bar for whoever waits.

use super::args::VerifyArgs;
use super::folders;
use crate::cli::{Ended, print_json};
use crate::config::Config;
use crate::data::DataFolder;
use crate::pki::DevelopmentPki;
use crate::serve::Role;
use indicatif::{ProgressBar, ProgressStyle};
use node::audit::{ExportError, Proof, Trust, Verification, piece_of, verify_by, verify_piece};
use node::tls::Identity;
use serde_json::{Value, json};
use std::path::Path;

pub(super) fn run(data: &Path, config: &Config, args: &VerifyArgs) -> Result<Ended, String> {
    if let Some(path) = &args.piece {
        return piece(data, config, path, args.json);
    }
    let mut found = folders(data)?;
    found.retain(|(role, _)| args.service.is_none_or(|wanted| wanted == *role));
    let mut all = Vec::new();
    for (role, folder) in found {
        let trust = trust(data, config, role)?;
        let proof = Proof {
            trust: trust.as_ref(),
            service: role.name(),
            elsewhere: args.against.as_deref(),
            every: Some(config.audit.checkpoint_records),
        };
        let bar = bar(role);
        let progress = &mut |walked: i64, of: i64| {
            bar.set_length(of.unsigned_abs());
            bar.set_position(walked.unsigned_abs());
        };
        let verified = verify_by(&folder, &proof, progress);
        bar.finish_and_clear();
        all.push((role, verified.map_err(|error| format!("{}: {error}", folder.display()))?));
        if trust.is_none() {
            eprintln!(
                "watling: signatures of the {role} were not checked: no authorities in this folder or [pki]"
            );
        }
    }
    if args.json {
        print_json(&all.iter().map(|(role, found)| json_of(*role, found)).collect::<Vec<_>>())?;
    } else {
        all.iter().for_each(|(role, found)| say(*role, found));
    }
    let whole = all.iter().all(|(_, found)| found.is_whole());
    Ok(if whole { Ended::Done } else { Ended::Failed })
}

/// A piece that was exported, with the authorities of this folder or configuration.
fn piece(data: &Path, config: &Config, path: &Path, json: bool) -> Result<Ended, String> {
    let failed = |error: ExportError| format!("{}: {error}", path.display());
    let said = piece_of(path).map_err(failed)?;
    let role = Role::ALL.into_iter().find(|role| role.name() == said.service);
    let role = role.ok_or_else(|| format!("{}: of an unknown service", path.display()))?;
    let trust = trust(data, config, role)?.ok_or(
        "nothing proves a piece here: no authorities in the data folder (--data) or [pki] (--config)",
    )?;
    let proof = Proof { trust: Some(&trust), ..Proof::default() };
    let found = verify_piece(path, &proof).map_err(failed)?;
    if json {
        print_json(&json_of(role, &found))?;
    } else {
        say!("records {} to {} of the {}", said.from, said.until, said.service);
        say(role, &found);
    }
    Ok(if found.is_whole() { Ended::Done } else { Ended::Failed })
}

/// Whose signatures count for a service of this data folder.
fn trust(data: &Path, config: &Config, role: Role) -> Result<Option<Trust>, String> {
    let authorities = match &config.pki {
        Some(own) => own.trust.clone(),
        None => DevelopmentPki::of(&DataFolder { path: data.to_owned() }).ca(),
    };
    if !authorities.is_file() {
        return Ok(None);
    }
    // Only its authorities are asked for; the key stays where it is.
    let identity = Identity {
        certificate: authorities.clone(),
        key: authorities.clone(),
        trust: authorities,
        revoked: None,
    };
    let trust = Trust::new(&identity, role.system(), &config.hub.ods);
    trust.map(Some).map_err(|error| error.to_string())
}

fn bar(role: Role) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:<10} {bar:40} {pos}/{len} records, {eta} left");
    let bar = ProgressBar::new(0).with_message(role.name());
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn say(role: Role, found: &Verification) {
    let Verification { records, head, checkpoints, .. } = found;
    let name = role.name();
    if found.is_whole() {
        let signed = match found.last_checkpoint {
            Some(last) => format!("{checkpoints} signed checkpoints, the newest at record {last}"),
            None => "not signed yet".to_owned(),
        };
        say!("{name:<10} whole: {records} records, {signed}, head {head}");
        if found.expired > 0 {
            say!("{:<10} the content of {} records has expired", "", found.expired);
        }
        return;
    }
    let damages = found.damage.len() + found.more;
    say!("{name:<10} DAMAGED: {records} records, {damages} damages");
    for damage in &found.damage {
        say!("{:<10} {damage}", "");
    }
    if found.more > 0 {
        say!("{:<10} and {} more", "", found.more);
    }
}

fn json_of(role: Role, found: &Verification) -> Value {
    json!({
        "service": role.name(),
        "whole": found.is_whole(),
        "records": found.records,
        "head": found.head,
        "checkpoints": found.checkpoints,
        "lastCheckpoint": found.last_checkpoint,
        "expired": found.expired,
        "damage": found.damage,
        "furtherDamages": found.more,
    })
}
