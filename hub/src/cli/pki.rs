//! `watling pki export|revoke|issue`.

use super::Ended;
use super::args::{PkiArgs, PkiCommand};
use crate::data::{DataFolder, write_atomic};
use crate::pki::{DevelopmentPki, export_pkcs12};
use std::path::Path;

fn of(data: &Path) -> Result<DevelopmentPki, String> {
    let pki = DevelopmentPki::of(&DataFolder { path: data.to_owned() });
    if pki.exists() {
        return Ok(pki);
    }
    Err(format!("{} has no development CA", data.display()))
}

pub(super) fn run(args: PkiArgs) -> Result<Ended, String> {
    match args.command {
        PkiCommand::Export { data, ods, output, password } => {
            let packed = export_pkcs12(&of(&data)?.client(&ods), ods.as_str(), &password)?;
            write_atomic(&output, &packed)?;
            say!("wrote {}: certificate, key and CA of {ods}", output.display());
        }
        PkiCommand::Revoke { data, ods } => {
            let pki = of(&data)?;
            let _lock = DataFolder { path: data }.lock()?;
            pki.revoke(&ods)?;
            say!(
                "revoked the certificate of {ods}: running hubs take it up within a second ({})",
                pki.revoked().display()
            );
        }
        PkiCommand::Issue { data, ods, system } => {
            let pki = of(&data)?;
            let _lock = DataFolder { path: data }.lock()?;
            pki.ensure_client(&system, &ods)?;
            say!("{}", pki.client(&ods).certificate.display());
        }
    }
    Ok(Ended::Done)
}
