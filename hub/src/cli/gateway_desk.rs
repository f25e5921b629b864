//! A command's place beside a gateway: its store, and its record.

use super::runtime;
use gateway::region::Region;
use gateway::store::GatewayStore;
use jiff::civil::Date;
use node::audit::{Audit, AuditEvent, AuditKind, Outcome};
use node::clock::Clock;
use schemas::hl7::PatientId;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use std::path::Path;
use std::sync::Arc;

pub(super) struct GatewayDesk {
    pub runtime: tokio::runtime::Runtime,
    pub store: GatewayStore,
    audit: Audit,
    pub clock: Clock,
}

/// Who did something by hand, in the record.
pub(super) struct ByHand<'a> {
    pub organisation: &'a OdsCode,
    pub person: &'a str,
}

impl GatewayDesk {
    pub(super) fn open(data: &Path) -> Result<Self, String> {
        let folder = data.join("gateway");
        let path = folder.join("region.db");
        if !path.is_file() {
            return Err(format!(
                "{} is not there: is this a hub's data folder with a gateway?",
                path.display()
            ));
        }
        let (runtime, clock) = (runtime()?, Clock::System);
        let store = runtime.block_on(GatewayStore::open(&path)).map_err(|e| e.to_string())?;
        // First of all: what cannot be recorded is not done.
        let audit = Audit::open(&folder, "gateway", clock.clone()).map_err(|e| e.to_string())?;
        Ok(Self { runtime, store, audit, clock })
    }

    pub(super) fn region(&self) -> Result<Arc<Region>, String> {
        self.store.region().map_err(|error| error.to_string())
    }

    /// The region's day.
    pub(super) fn today(&self) -> Date {
        let zone = node::clock::region_zone();
        self.clock.now().to_zoned(zone).date()
    }

    /// RFC 3339
    pub(super) fn now(&self) -> String {
        self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// That something was changed, about one patient or none.
    pub(super) fn record(
        &self,
        by: &ByHand<'_>,
        patient: Option<NhsNumber>,
        what: String,
    ) -> Result<(), String> {
        let what = format!("{what}, by {} of {}", by.person, by.organisation);
        self.keep(AuditKind::SecurityConfiguration, by.organisation, patient, what)
    }

    /// That something was looked at that names a patient.
    pub(super) fn looked(
        &self,
        organisation: &OdsCode,
        patient: Option<NhsNumber>,
        what: String,
    ) -> Result<(), String> {
        self.keep(AuditKind::Report, organisation, patient, what)
    }

    fn keep(
        &self,
        kind: AuditKind,
        organisation: &OdsCode,
        patient: Option<NhsNumber>,
        what: String,
    ) -> Result<(), String> {
        let mut event = AuditEvent::new("gateway", kind, Outcome::Success).because(what);
        event.organisation = Some(organisation.to_string());
        event.patient_id = patient.map(|number| PatientId::Nhs(number).text());
        self.runtime.block_on(self.audit.record(event)).map_err(|error| error.to_string())
    }
}
