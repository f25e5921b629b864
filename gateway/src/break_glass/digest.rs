//! What a publisher is told of its documents that a broken glass opened: a letter for each patient,
//! every day or by command, through the outbox where the publisher has an endpoint, else by the
//! report alone.

use super::{OpenedEntry, Said};
use crate::letter::Letter;
use crate::recall::notice::{INTERACTION, PROFILE, SERVICE};
use crate::store::{GatewayError, GatewayStore};
use jiff::Timestamp;
use node::clock::Clock;
use node::outbox::{Directory, Item, Kind, Message, Outbox};
use schemas::code_set::CodeSets;
use schemas::dtm::Dtm;
use schemas::hl7::PatientId;
use schemas::itk::ItkAddress;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// What is told of one use about one patient.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The use's number.
    pub id: i64,
    pub organisation: OdsCode,
    pub patient: NhsNumber,
    /// Milliseconds since 1970.
    pub at: i64,
    pub second_factor: bool,
    pub said: Said,
    pub entries: Vec<OpenedEntry>,
}

/// Everything that a publisher is told at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Digest {
    pub id: i64,
    pub publisher: OdsCode,
    /// Milliseconds since 1970, both.
    pub at: i64,
    pub sent_at: Option<i64>,
    /// By patient, then by time.
    pub told: Vec<Told>,
}

/// The part of the hub's own address behind its ODS code.
const LOCAL: &str = "DOCHUB";
const TITLE: &str = "Your documents were opened by breaking the glass";
const PERIOD: Duration = Duration::from_secs(3);
/// In milliseconds.
const HOUR: i64 = 3_600_000;

/// Makes digests when a day is over, and sends what waits.
pub struct Digests {
    pub store: GatewayStore,
    pub outbox: Outbox,
    pub directory: Directory,
    pub code_sets: Arc<CodeSets>,
    pub clock: Clock,
    /// The organisation that runs the hub.
    pub hub: OdsCode,
    /// When the log last said how many uses wait, milliseconds since 1970.
    pub said_at: AtomicI64,
}

/// For as long as the process lives.
pub async fn run(digests: Arc<Digests>) {
    loop {
        if let Err(error) = digests.go_on().await {
            tracing::error!(%error, "digests of broken glass were not looked after");
        }
        tokio::time::sleep(PERIOD).await;
    }
}

impl Digests {
    async fn go_on(&self) -> Result<(), GatewayError> {
        let now = self.clock.now();
        let policy = self.store.region()?.policy.break_glass.clone();
        if policy.daily_digest {
            self.store.make_due_digests(midnight(now), now.as_millisecond()).await?;
        }
        for digest in self.store.unsent_digests().await? {
            if self.directory.find(&digest.publisher).is_some() {
                self.send(&digest).await?;
                self.store.digest_sent(digest.id, now.as_millisecond()).await?;
            }
        }
        self.say(now.as_millisecond(), policy.review_days).await
    }

    /// How many uses wait: numbers, and nothing of what was said. The log says it once an hour.
    async fn say(&self, now: i64, review_days: u32) -> Result<(), GatewayError> {
        let (open, overdue) = self.store.glass_ages(now, review_days).await?;
        node::telemetry::break_glass(open, overdue);
        let said = self.said_at.load(Ordering::Relaxed);
        if overdue > 0 && (said == 0 || now >= said + HOUR) {
            self.said_at.store(now, Ordering::Relaxed);
            tracing::warn!(open, overdue, "uses of a broken glass wait for their review");
        }
        Ok(())
    }

    async fn send(&self, digest: &Digest) -> Result<(), GatewayError> {
        let mut patients: Vec<NhsNumber> = digest.told.iter().map(|told| told.patient).collect();
        patients.dedup();
        for (n, patient) in patients.into_iter().enumerate() {
            let item = self.item(digest, patient, n);
            self.outbox.put(item).await?;
        }
        Ok(())
    }

    fn item(&self, digest: &Digest, patient: NhsNumber, n: usize) -> Item {
        let payload_id = node::ids::uuid();
        let words = words(digest, patient, &self.code_sets);
        let at = Timestamp::from_millisecond(digest.at).unwrap_or(Timestamp::UNIX_EPOCH);
        let payload = Letter {
            title: TITLE,
            patient: &PatientId::Nhs(patient),
            at: &Dtm::from_timestamp(at),
            payload_id,
            to: &digest.publisher,
            hub: &self.hub,
            words: &words,
        };
        Item {
            kind: Kind::BreakGlassDigest,
            destination: digest.publisher.clone(),
            address: ItkAddress::address(&digest.publisher, "").uri,
            reference: format!("break-glass digest {}", digest.id),
            occasion: format!("{}", n + 1),
            message: self.message(payload_id, payload.write()),
        }
    }

    fn message(&self, payload_id: Uuid, payload: String) -> Message {
        Message {
            service: SERVICE.to_owned(),
            tracking_id: node::ids::uuid(),
            payload_id: format!("uuid_{}", payload_id.to_string().to_uppercase()),
            sender_address: ItkAddress::address(&self.hub, LOCAL).uri,
            audit_identity: ItkAddress::identity(&self.hub, LOCAL).uri,
            interaction: Some(INTERACTION.to_owned()),
            profile_id: Some(PROFILE.to_owned()),
            wants_infrastructure_ack: true,
            wants_business_ack: true,
            payload,
        }
    }
}

/// The beginning of the region's day, in milliseconds since 1970.
fn midnight(now: Timestamp) -> i64 {
    let zone = node::clock::region_zone();
    let today = now.to_zoned(zone).start_of_day();
    today.map_or(0, |today| today.timestamp().as_millisecond())
}

/// The text of the letter about one patient.
fn words(digest: &Digest, patient: NhsNumber, code_sets: &CodeSets) -> String {
    let mut text = format!("{TITLE}\n\nNHS number {}\nDigest {}\n", patient.digits(), digest.id);
    for told in digest.told.iter().filter(|told| told.patient == patient) {
        text.push_str(&use_words(told, code_sets));
    }
    text.push_str(
        "\nWhat to do\nThe organisation that looked has to review this use. If you know why it should not have looked, tell its privacy officer.\n",
    );
    text
}

fn use_words(told: &Told, code_sets: &CodeSets) -> String {
    let at = Timestamp::from_millisecond(told.at).unwrap_or(Timestamp::UNIX_EPOCH);
    let at = at.strftime("%Y-%m-%d %H:%M");
    let user = told.said.user.as_deref().unwrap_or(&told.said.system);
    let factor = if told.second_factor { ", with a second factor" } else { "" };
    let mut text = format!(
        "\nUse {}, on {at} (UTC)\nBy: {user} of {}, as {}{factor}\nReason given: {}\n",
        told.id, told.organisation, told.said.role, told.said.reason
    );
    for entry in &told.entries {
        let label = code_sets.display("typeCode", &entry.type_code).unwrap_or(&entry.type_code);
        let how = if entry.retrieved { "opened" } else { "listed" };
        let over = match entry.over_preference {
            true => ", although the patient did not want it shared",
            false => "",
        };
        text.push_str(&format!("Document {} ({label}): {how}{over}\n", entry.unique_id));
    }
    text
}
