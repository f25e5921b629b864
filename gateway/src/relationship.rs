//! Legitimate relationships, from what the region already produces: lists of practices, messages of
//! the patient identity feed, documents that are addressed to somebody, flags of a request.
//!
//! [`plan`] says, pure, what one piece of news does to what is kept; [`list`] reads a practice's list;
//! [`flag`] is for requests that belong to an incident; [`standing`] looks at those that read without.
//! All is kept in [`crate::store::relationship`]. A patient's facts are read anew for each request, so
//! a change is effective at once and moves no epoch.

pub mod endpoint;
pub mod flag;
pub mod list;
pub mod plan;
pub mod standing;

use crate::store::{GatewayError, GatewayStore};
use async_trait::async_trait;
use jiff::civil::Date;
use node::actors::{CallContext, NotAvailable, Relate};
use node::clock::Clock;
use plan::Terms;
use schemas::code_set::CodeSets;
use schemas::relationship::{News, Told};
use std::collections::HashSet;
use std::sync::Arc;

/// The group of document types that ask another organisation to see the patient.
const REFERRAL: &str = "referral";

/// The gateway's part: it takes what the registry was told.
pub struct Relationships {
    pub store: GatewayStore,
    pub code_sets: Arc<CodeSets>,
    pub clock: Clock,
}

/// The region's calendar.
pub fn today(clock: &Clock) -> Date {
    let zone = node::clock::region_zone();
    clock.now().to_zoned(zone).date()
}

#[async_trait]
impl Relate for Relationships {
    async fn relate(&self, told: &Told, _context: &CallContext) -> Result<(), NotAvailable> {
        let taken = self.take(told).await.map_err(|error| {
            tracing::error!(%error, "news of a patient could not be kept");
            NotAvailable("the gateway could not keep the news; tell it again".to_owned())
        })?;
        tracing::debug!(id = %told.id, changes = taken, "took news of a patient");
        Ok(())
    }
}

impl Relationships {
    /// How many relationships changed. Nothing is known of patients without a number of the domain.
    async fn take(&self, told: &Told) -> Result<usize, GatewayError> {
        let Some(patient) = told.patient.nhs_number() else { return Ok(0) };
        let region = self.store.region()?;
        let practices = told.news.iter().filter_map(|news| match news {
            News::Registered(ods) => Some(ods),
            _ => None,
        });
        let not_a_practice = practices
            .filter(|ods| region.organisation(ods).is_some_and(|of| !of.kind.has_a_list()))
            .cloned();
        let terms = Terms {
            policy: region.policy.clone(),
            today: today(&self.clock),
            not_practices: not_a_practice.collect(),
            referrals: self.referrals(told),
        };
        self.store.relate(patient, told.clone(), terms, self.clock.now()).await
    }

    /// Documents that are referrals, by uniqueId.
    fn referrals(&self, told: &Told) -> HashSet<String> {
        let addressed = told.news.iter().filter_map(|news| match news {
            News::Addressed(addressed) => Some(addressed),
            _ => None,
        });
        let is_referral = |addressed: &&schemas::relationship::Addressed| {
            let known =
                self.code_sets.document_type(&addressed.type_code, &addressed.practice_setting);
            known.is_some_and(|known| known.group == REFERRAL)
        };
        addressed.filter(is_referral).map(|addressed| addressed.unique_id.to_string()).collect()
    }
}
