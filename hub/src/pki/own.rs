//! A PKI of the operator's own: everything that would make a start fail or be unsafe.

use super::trusts_development;
use crate::config::{Config, PkiSection};
use crate::serve::Role;
use node::caller::PeerCertificate;
use node::tls::Identity;

/// The identity of a role, or what is missing.
pub fn own_identity(own: &PkiSection, role: Role) -> Result<Identity, String> {
    let pair = match role {
        Role::Registry => &own.registry,
        Role::Repository => &own.repository,
        Role::Gateway => &own.gateway,
    };
    let missing = || format!("[pki.{role}] is missing: the role needs its certificate and key");
    let pair = pair.as_ref().ok_or_else(missing)?;
    Ok(Identity {
        certificate: pair.certificate.clone(),
        key: pair.key.clone(),
        trust: own.trust.clone(),
        revoked: own.revoked.clone(),
    })
}

/// What is wrong with the certificates of some roles.
pub fn problems(config: &Config, own: &PkiSection, roles: &[Role]) -> Vec<String> {
    let mut problems = Vec::new();
    match trusts_development(&own.trust) {
        Ok(true) => problems.push(format!(
            "pki.trust: {} is a development CA: a hub with its own PKI is live and must not trust a development CA, since anyone with its key could be anyone",
            own.trust.display()
        )),
        Ok(false) => {}
        Err(problem) => problems.push(format!("pki.trust: {problem}")),
    }
    if let Some(path) = own.revoked.as_ref().filter(|path| !path.is_file()) {
        problems.push(format!(
            "pki.revoked: {} is not there: without it nobody is revoked (leave the key out to say so)",
            path.display()
        ));
    }
    for role in roles {
        problems.extend(role_problem(config, own, *role));
    }
    problems
}

fn role_problem(config: &Config, own: &PkiSection, role: Role) -> Option<String> {
    let identity = match own_identity(own, role) {
        Ok(identity) => identity,
        Err(problem) => return Some(problem),
    };
    if let Err(problem) = identity.server_config() {
        return Some(format!("pki.{role}: {problem}"));
    }
    let chain = identity.chain().ok()?;
    let subject = PeerCertificate::read(chain.first()?);
    let right = subject.as_ref().is_some_and(|subject| {
        subject.system == role.system() && subject.organisation.as_ref() == Some(&config.hub.ods)
    });
    (!right).then(|| {
        format!(
            "pki.{role}: the certificate's subject must be CN {} and OU {}: by it the other roles know this one",
            role.system(),
            config.hub.ods
        )
    })
}
