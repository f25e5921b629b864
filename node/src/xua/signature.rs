//! The cryptography: the octets that a signature covers, and whether one of the issuer's keys made it.
//!
//! The library sees the assertion cut out of its envelope and without its KeyInfo: nothing that stands
//! elsewhere can be taken for it, and no key but the issuer's can be tried.

use super::Refused;
use super::trust::IssuerKey;
use bergshamra_c14n::{C14nMode, canonicalize};
use bergshamra_dsig::{DsigContext, VerifyResult};
use bergshamra_keys::KeysManager;
use schemas::saml::{Digest, Enveloped, SamlProblem};
use sha2::Digest as _;

/// What the digest is over: the assertion without its signature, in exclusive C14N.
pub(super) fn octets(enveloped: &Enveloped) -> Result<Vec<u8>, Refused> {
    canonicalize(&enveloped.content, C14nMode::Exclusive, None, &enveloped.prefixes)
        .map_err(|_| SamlProblem::IllFormed.into())
}

fn digest(kind: Digest, octets: &[u8]) -> Vec<u8> {
    match kind {
        Digest::Sha256 => sha2::Sha256::digest(octets).to_vec(),
        Digest::Sha384 => sha2::Sha384::digest(octets).to_vec(),
        Digest::Sha512 => sha2::Sha512::digest(octets).to_vec(),
    }
}

/// Whether the digest is that of these octets, and one of the keys has signed it.
pub(super) fn verify(
    enveloped: &Enveloped,
    octets: &[u8],
    keys: &[IssuerKey],
) -> Result<(), Refused> {
    if digest(enveloped.digest, octets) != enveloped.digest_value {
        return Err(Refused::Signature);
    }
    let mut manager = KeysManager::new();
    manager
        .add_keys(keys.iter().filter(|key| key.method == enveloped.method).map(|k| k.key.clone()));
    let context = DsigContext::new(manager)
        .with_trusted_keys_only(true)
        .with_strict_verification(true)
        .with_require_reference_digests(true);
    let target = format!("#{}", enveloped.id);
    match bergshamra_dsig::verify::verify(&context, &enveloped.document) {
        Ok(VerifyResult::Valid { references, .. }) => match &references[..] {
            [one] if one.uri == target && one.digest_verified => Ok(()),
            _ => Err(Refused::Signature),
        },
        Ok(VerifyResult::Invalid { .. }) | Err(_) => Err(Refused::Signature),
    }
}
