//! What a run stands on: the doors under test, the codes, and supplies of fresh identifiers.

use super::codes::{Code, Codes};
use super::http::{HttpClient, Identity};
use super::reply::Replies;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Where documents are said to lie until the repository has told its own id.
pub const SOME_REPOSITORY: &str = "1.2.826.0.1.99999.40.1";

/// What a run is told.
#[derive(Clone, Debug)]
pub struct Options {
    pub registry: String,
    pub repository: String,
    pub feed_url: String,
    pub certificate: PathBuf,
    pub key: PathBuf,
    pub authority: PathBuf,
    pub patient_domain: String,
    /// Each patient is announced by ITI-44 before it is used.
    pub feed: bool,
    pub codes: Codes,
    /// `0.0.0.0:0`, where answers on a connection of their own are awaited.
    pub reply_listen: Option<String>,
    /// How the registry names that address; `https://host:port`.
    pub reply_url: Option<String>,
    /// The listener's certificate and key, where they are not the client's.
    pub reply_certificate: Option<PathBuf>,
    pub reply_key: Option<PathBuf>,
    pub jobs: usize,
    pub timeout: Duration,
}

pub struct Bed {
    pub options: Options,
    /// None where messages are only composed.
    pub client: Option<HttpClient>,
    pub replies: Option<Replies>,
    pub repository_unique_id: String,
    next_patient: AtomicU32,
}

impl Bed {
    pub async fn new(options: Options) -> Result<Self, String> {
        let identity = Identity {
            certificate: &options.certificate,
            key: &options.key,
            authority: &options.authority,
        };
        let client = HttpClient::new(&identity, options.timeout)?;
        let replies = match &options.reply_listen {
            Some(address) => {
                let url = options.reply_url.as_deref();
                let server = Identity {
                    certificate: options
                        .reply_certificate
                        .as_deref()
                        .unwrap_or(identity.certificate),
                    key: options.reply_key.as_deref().unwrap_or(identity.key),
                    ..identity
                };
                Some(Replies::listen(address, url, &server).await?)
            }
            None => None,
        };
        Ok(Self { client: Some(client), replies, ..Self::composing(options) })
    }

    /// A bed that composes messages and sends none.
    pub fn composing(options: Options) -> Self {
        let seed =
            u32::from_be_bytes(*uuid::Uuid::new_v4().as_bytes().first_chunk().unwrap_or(&[7; 4]));
        Self {
            options,
            client: None,
            replies: None,
            repository_unique_id: SOME_REPOSITORY.to_owned(),
            next_patient: AtomicU32::new(seed % 1_000_000),
        }
    }

    /// A fresh NHS number of the range for tests, 999 nnn nnnn, with its check digit.
    pub fn nhs_number(&self) -> String {
        loop {
            let n = self.next_patient.fetch_add(1, Ordering::Relaxed) % 1_000_000;
            let digits = format!("999{n:06}");
            if let Some(check) = check_digit(&digits) {
                return format!("{digits}{check}");
            }
        }
    }

    pub fn cx(&self, id: &str) -> String {
        format!("{id}^^^&{}&ISO", self.options.patient_domain)
    }

    /// `classCode`, 2.
    pub fn code(&self, attribute: &str, n: usize) -> Code {
        self.options.codes.nth(attribute, n)
    }

    pub fn mime_type(&self, n: usize) -> String {
        let known = self.options.codes.mime_types.get(n.saturating_sub(1)).cloned();
        known.unwrap_or_else(|| {
            ["text/xml", "application/pdf", "text/plain"][n.min(3) - 1].to_owned()
        })
    }
}

/// The tenth digit (NHS Data Dictionary: modulus 11), or none where there is no such number.
fn check_digit(nine: &str) -> Option<u32> {
    let digits = nine.chars().filter_map(|c| c.to_digit(10));
    let sum: u32 = digits.zip((2..=10).rev()).map(|(digit, weight)| digit * weight).sum();
    match 11 - sum % 11 {
        11 => Some(0),
        10 => None,
        digit => Some(digit),
    }
}

/// A fresh OID under the arc of UUIDs (ITU-T X.667).
pub fn fresh_oid() -> String {
    format!("2.25.{}", uuid::Uuid::new_v4().as_u128())
}

pub fn fresh_uuid() -> String {
    format!("urn:uuid:{}", uuid::Uuid::new_v4())
}

pub fn now() -> String {
    jiff::Timestamp::now().strftime("%Y%m%d%H%M%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_of_known_numbers() {
        assert_eq!(check_digit("900000000"), Some(9));
        assert_eq!(check_digit("943476591"), Some(9));
        assert_eq!(check_digit("999000000"), schemas_check("999000000"));
    }

    fn schemas_check(nine: &str) -> Option<u32> {
        (0..10).find(|d| schemas::nhs_number::NhsNumber::parse(&format!("{nine}{d}")).is_ok())
    }
}
