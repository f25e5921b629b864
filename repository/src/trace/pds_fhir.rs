//! PDS FHIR R4: `GET Patient/<number>` and `GET Patient?...` over HTTPS.

mod record;

use super::token::Token;
use super::{Trace, TraceOutcome, Unavailable};
use async_trait::async_trait;
use node::client::{HttpsAnswer, HttpsClient};
use record::{Answer, read};
use schemas::demographics::{Demographics, Sex};
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;

/// The service at its base address.
pub struct PdsFhir {
    https: HttpsClient,
    base: String,
    ods: OdsCode,
    token: Token,
}

impl PdsFhir {
    pub(super) fn new(https: HttpsClient, base: &str, ods: OdsCode, token: Token) -> Self {
        Self { https, base: base.trim_end_matches('/').to_owned(), ods, token }
    }

    async fn ask(&self, path: &str) -> Result<HttpsAnswer, Unavailable> {
        let authorization = self.token.authorization().await.map_err(|reason| {
            tracing::error!(%reason, "no token for PDS FHIR");
            Unavailable::Refused
        })?;
        let request_id = node::ids::uuid().to_string();
        let mut headers = vec![
            ("Accept", "application/fhir+json"),
            ("X-Request-ID", request_id.as_str()),
            ("NHSD-End-User-Organisation-ODS", self.ods.as_str()),
        ];
        headers.extend(authorization.as_deref().map(|value| ("Authorization", value)));
        let answer = self.https.get(&format!("{}/{path}", self.base), &headers).await;
        answer.map_err(|error| {
            tracing::warn!(%error, "PDS FHIR does not answer");
            Unavailable::Retry
        })
    }

    async fn read(&self, number: NhsNumber) -> TraceOutcome {
        match self.ask(&format!("Patient/{}", number.digits())).await {
            Ok(answer) => outcome(&answer, Some(number)),
            Err(unavailable) => TraceOutcome::Unavailable(unavailable),
        }
    }
}

#[async_trait]
impl Trace for PdsFhir {
    /// The record under the number; comparing it with the person is the asker's.
    async fn verify(&self, number: NhsNumber, _person: &Demographics) -> TraceOutcome {
        self.read(number).await
    }

    async fn find(&self, person: &Demographics) -> TraceOutcome {
        let Some(query) = query(person) else { return TraceOutcome::NotEnough };
        match self.ask(&format!("Patient?{query}")).await {
            Ok(answer) => outcome(&answer, None),
            Err(unavailable) => TraceOutcome::Unavailable(unavailable),
        }
    }

    async fn details(&self, number: NhsNumber, _person: &Demographics) -> TraceOutcome {
        self.read(number).await
    }
}

/// What an answer says, whatever its status is; `asked` is the number in the path.
fn outcome(answer: &HttpsAnswer, asked: Option<NhsNumber>) -> TraceOutcome {
    let unreadable = |reason: &str| {
        tracing::error!(status = answer.status, reason, "the answer of PDS FHIR cannot be read");
        TraceOutcome::Unavailable(Unavailable::Unreadable)
    };
    match answer.status {
        401 | 403 => {
            tracing::error!(status = answer.status, "PDS FHIR refuses this hub");
            return TraceOutcome::Unavailable(Unavailable::Refused);
        }
        408 | 429 | 500.. => {
            tracing::warn!(status = answer.status, "PDS FHIR does not answer");
            return TraceOutcome::Unavailable(Unavailable::Retry);
        }
        _ => {}
    }
    match (read(&answer.body, asked), answer.status) {
        (Ok(Answer::Person(traced)), 200) => TraceOutcome::Verified(traced),
        (Ok(Answer::Nobody), 200) => TraceOutcome::NoMatch,
        (Ok(Answer::Several), _) => TraceOutcome::Several,
        (Ok(Answer::Issue(code)), 200 | 400 | 404) => match code.as_str() {
            "TOO_MANY_MATCHES" => TraceOutcome::Several,
            "INVALIDATED_RESOURCE" => TraceOutcome::Invalidated,
            "RESOURCE_NOT_FOUND" | "INVALID_RESOURCE_ID" => TraceOutcome::NoMatch,
            _ => unreadable("an OperationOutcome with an unknown code"),
        },
        (Ok(_), _) => unreadable("an unexpected status"),
        (Err(reason), _) => unreadable(reason),
    }
}

/// `None` where family name, sex or an exact birth date is not known.
fn query(person: &Demographics) -> Option<String> {
    let name = person.name().filter(|name| !name.family.is_empty())?;
    let birth_date = person.birth_date.filter(|date| date.is_exact())?;
    let gender = match person.sex? {
        Sex::Male => "male",
        Sex::Female => "female",
        Sex::Other => "other",
    };
    let mut query = format!(
        "family={}&birthdate=eq{}&gender={gender}",
        encoded(&name.family),
        birth_date.hyphened()
    );
    if let Some(given) = name.given.first() {
        query.push_str(&format!("&given={}", encoded(given)));
    }
    if let Some(postcode) = &person.postcode {
        query.push_str(&format!("&address-postalcode={}", encoded(postcode)));
    }
    Some(query)
}

/// RFC 3986: everything but the unreserved characters as its bytes.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests;
