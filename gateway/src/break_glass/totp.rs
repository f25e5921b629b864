//! One-time codes (RFC 6238): six digits, HMAC-SHA-1, steps of thirty seconds, as every
//! authenticator makes them. Pure.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

pub const STEP_SECONDS: i64 = 30;
/// Steps to either side that are forgiven: clocks differ, and a code takes time to type.
const AROUND: i64 = 1;

/// Bytes of a secret: as many as the hash gives (RFC 4226 4, R6).
pub const SECRET_BYTES: usize = 20;

/// The code of a step.
pub fn code(secret: &[u8], step: i64) -> Option<String> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).ok()?;
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest.last()? & 0x0f);
    let four: [u8; 4] = digest.get(offset..offset + 4)?.try_into().ok()?;
    Some(format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000))
}

/// The step whose code this is, around a moment (seconds since 1970) and after the last one that was
/// used: no code is taken twice.
pub fn step_of(secret: &[u8], shown: &str, now: i64, last: i64) -> Option<i64> {
    let step = now.div_euclid(STEP_SECONDS);
    let mut found = None;
    for step in (step - AROUND..=step + AROUND).filter(|step| *step > last) {
        // Every code is compared whole, so that the time tells nothing.
        let same = code(secret, step).is_some_and(|code| equal(code.as_bytes(), shown.as_bytes()));
        if same {
            found = Some(step);
        }
    }
    found
}

fn equal(one: &[u8], other: &[u8]) -> bool {
    let differs = one.iter().zip(other).fold(0, |differs, (a, b)| differs | (a ^ b));
    one.len() == other.len() && differs == 0
}

/// A secret as authenticators take it (RFC 4648, without padding).
pub fn base32(secret: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = String::new();
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in secret {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(ALPHABET[(held >> bits) as usize & 31]));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        out.push(char::from(ALPHABET[(held << (5 - bits)) as usize & 31]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238 appendix B, the last six of eight digits.
        for (time, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(SECRET, time / STEP_SECONDS).as_deref(), Some(expected));
            assert_eq!(step_of(SECRET, expected, time, 0), Some(time / STEP_SECONDS));
        }
    }

    #[test]
    fn a_code_is_good_once_and_for_a_minute_and_a_half() {
        let used = 59 / STEP_SECONDS;
        assert_eq!(step_of(SECRET, "287082", 59, used), None, "it was used");
        assert_eq!(step_of(SECRET, "287082", 59 + 30, 0), Some(used));
        assert_eq!(step_of(SECRET, "287082", 59 + 61, 0), None, "it is too old");
        assert_eq!(step_of(SECRET, "287083", 59, 0), None);
        assert_eq!(step_of(SECRET, "", 59, 0), None);
    }

    #[test]
    fn a_secret_is_shown_as_authenticators_take_it() {
        assert_eq!(base32(SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!((base32(b"f"), base32(b"foobar")), ("MY".to_owned(), "MZXW6YTBOI".to_owned()));
    }
}
