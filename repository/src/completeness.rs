//! What a list of a patient's documents may lack: messages about the patient that wait at the front
//! door, and publishers that have fallen silent.

mod claimed;
mod store;

pub(crate) use claimed::claimed;
pub(crate) use store::{hear, keep_claims};

use crate::Repository;
use async_trait::async_trait;
use node::actors::{CallContext, Completeness, NotAvailable};
use node::audit::{AuditEvent, Outcome as AuditOutcome};
use node::caller::{Caller, HubIdentity};
use node::endpoint::{Outcome, Refusal, Reply, SoapRequest, SoapService};
use schemas::completeness::{LACKING_MAX, Lacking, Question, Silent};
use schemas::hl7::PatientId;
use schemas::ods_code::OdsCode;
use schemas::soap::fault::Fault;
use schemas::transaction::Transaction;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The path of the door.
pub const PATH: &str = "/repository/completeness";

/// `[repository.silence]`: when a publisher's silence is unusual. It is compared with its own longest
/// pause, so that one that sends on weekdays only is not silent on Sunday.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Silence {
    /// Of how many days before it the pauses are looked at.
    pub days: u32,
    /// A publisher with fewer documents in these days has no usual rate.
    pub documents_min: u32,
    /// Silent is who sends nothing for so many times its longest pause; 0: nobody is.
    pub times_longest_pause: f64,
    /// And for so many hours at least.
    pub hours_min: u32,
}

impl Default for Silence {
    fn default() -> Self {
        Self { days: 28, documents_min: 50, times_longest_pause: 1.5, hours_min: 6 }
    }
}

/// What came of a publisher: hours since 1970 in which something did, ascending, and how many
/// documents in all.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Heard {
    pub publisher: OdsCode,
    pub hours: Vec<i64>,
    pub documents: u64,
}

impl Silence {
    /// For how many hours a publisher has been silent, if that is unusual.
    fn of(&self, heard: &Heard, now: i64) -> Option<u32> {
        let last = *heard.hours.last()?;
        if heard.documents < u64::from(self.documents_min) || self.times_longest_pause <= 0.0 {
            return None;
        }
        let pauses = heard.hours.windows(2).map(|pair| pair[1] - pair[0]);
        let longest = pauses.max().unwrap_or_default().max(1);
        let silent = now.saturating_sub(last);
        let unusual = silent as f64 >= longest as f64 * self.times_longest_pause
            && silent >= i64::from(self.hours_min);
        unusual.then(|| u32::try_from(silent).unwrap_or(u32::MAX))
    }
}

/// How long what was found of silences is used.
const KNOWN_FOR: Duration = Duration::from_secs(60);

/// What was found: in which hour, when, and who is silent.
type Found = (i64, Instant, Vec<Silent>);

/// Whose silence is unusual; looked for once a minute, whoever asks.
#[derive(Debug, Default)]
pub struct Silences {
    settings: Silence,
    found: Mutex<Option<Found>>,
}

impl Silences {
    pub fn new(settings: Silence) -> Self {
        Self { settings, found: Mutex::default() }
    }

    fn known(&self, now: i64) -> Option<Vec<Silent>> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let (hour, at, silent) = found.as_ref()?;
        (*hour == now && at.elapsed() < KNOWN_FOR).then(|| silent.clone())
    }

    fn find(&self, heard: &[Heard], now: i64) -> Vec<Silent> {
        let silent = heard.iter().filter_map(|heard| {
            let hours = self.settings.of(heard, now)?;
            Some(Silent { publisher: heard.publisher.clone(), hours })
        });
        let silent: Vec<Silent> = silent.take(LACKING_MAX / 2).collect();
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        *found = Some((now, Instant::now(), silent.clone()));
        silent
    }
}

/// An hour counted from 1970.
pub(crate) fn hour(at: jiff::Timestamp) -> i64 {
    at.as_second().div_euclid(3_600)
}

#[async_trait]
impl Completeness for Repository {
    async fn lacking(
        &self,
        question: Question,
        _context: &CallContext,
    ) -> Result<Lacking, NotAvailable> {
        let failed = |error: node::sqlite::SqliteError| {
            tracing::error!(%error, "what a list may lack cannot be read");
            NotAvailable("the repository cannot read what waits at its front door".to_owned())
        };
        let mut waiting = self.front_door.waiting_about(question.patient).await.map_err(failed)?;
        waiting.truncate(LACKING_MAX / 2);
        let now = hour(self.clock.now());
        let silent = match self.silences.known(now) {
            Some(silent) => silent,
            None => {
                let since = now - i64::from(self.silences.settings.days) * 24;
                let heard = self.front_door.heard(since).await.map_err(failed)?;
                self.silences.find(&heard, now)
            }
        };
        Ok(Lacking { waiting, silent })
    }
}

/// The door at which the hub's gateways ask.
pub struct CompletenessEndpoint {
    pub repository: Arc<Repository>,
    pub hub: HubIdentity,
}

#[async_trait]
impl SoapService for CompletenessEndpoint {
    fn wsdl(&self) -> &'static str {
        schemas::wsdl::COMPLETENESS
    }

    fn transactions(&self) -> &'static [Transaction] {
        &[Transaction::Completeness]
    }

    fn admit(&self, caller: &Caller, _transaction: Option<Transaction>) -> Result<(), Fault> {
        if self.hub.is_service(caller) {
            return Ok(());
        }
        Err(Fault::forbidden(format!(
            "{} ({}) may not ask what a list lacks: this address is for the hub's own services; the gateway's answers say it",
            caller.organisation, caller.system
        )))
    }

    async fn handle(&self, request: &SoapRequest<'_>) -> Result<Outcome, Refusal> {
        let mut audit =
            AuditEvent::transaction("repository", request.transaction, AuditOutcome::Success)
                .by(request.caller);
        let question = Question::read(request.envelope.body)
            .map_err(|error| Fault::sender(format!("the question cannot be read: {error}")))?;
        audit.patient_id = Some(PatientId::Nhs(question.patient).text());
        let context = CallContext { correlation_id: request.correlation_id };
        let lacking = self.repository.lacking(question, &context).await;
        let lacking = lacking.map_err(|error| Fault::receiver(error.to_string()))?;
        Ok(Outcome { reply: Reply::Body(lacking.write()), audit })
    }

    async fn ready(&self) -> Result<(), String> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(hours: &[i64], documents: u64) -> Heard {
        let publisher = OdsCode::parse("RXN").unwrap();
        Heard { publisher, hours: hours.to_vec(), documents }
    }

    #[test]
    fn a_silence_is_compared_with_the_publishers_own_pauses() {
        let silence = Silence::default();
        let hourly: Vec<i64> = (0..100).collect();
        let weekdays: Vec<i64> =
            (0..3).flat_map(|week| (0..100).map(move |h| week * 168 + h)).collect();
        for (name, heard, now, told) in [
            ("two hours are nothing", heard(&hourly, 100), 101, None),
            ("six are", heard(&hourly, 100), 105, Some(6)),
            ("too few to have a rate", heard(&hourly, 49), 200, None),
            ("a weekend", heard(&weekdays, 300), 436 + 68, None),
            ("longer than a weekend", heard(&weekdays, 300), 436 + 110, Some(111)),
            ("never heard", heard(&[], 0), 500, None),
        ] {
            assert_eq!(silence.of(&heard, now), told, "{name}");
        }
        let off = Silence { times_longest_pause: 0.0, ..silence };
        assert_eq!(off.of(&heard(&hourly, 100), 1_000), None);
    }
}
