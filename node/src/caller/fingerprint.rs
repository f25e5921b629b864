//! SHA-256 of a certificate: how configuration and records name exactly one.

use sha2::{Digest, Sha256};

pub type Fingerprint = [u8; 32];

pub fn of(der: &[u8]) -> Fingerprint {
    Sha256::digest(der).into()
}

/// Lower-case, without colons.
pub fn hex(fingerprint: &Fingerprint) -> String {
    fingerprint.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As [`hex`] writes it or as `openssl x509 -fingerprint -sha256` does.
pub fn parse(text: &str) -> Option<Fingerprint> {
    let digits: String = text.trim().chars().filter(|c| *c != ':').collect();
    if digits.len() != 64 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut out = [0; 32];
    for (at, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(out)
}
