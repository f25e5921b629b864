//! Urgent care while the audit log is full or the agreements cannot be read: bounded, marked, and only
//! where the region has chosen it. The last known region decides; what a citizen has asked for since, or
//! what cannot be read of it, is not known then.

use crate::Gateway;
use crate::asking::{Standing, unavailable};
use crate::decision::PatientFacts;
use crate::region::Region;
use crate::store::GatewayError;
use node::audit::{AuditEvent, FallbackCause};
use schemas::error::{XdsError, XdsErrorCode};
use std::sync::Arc;

/// The location of its Warning, for programs.
pub const LOCATION: &str = "urgent-care-fallback";

/// The region to decide on, and what is out of order, where the fallback may stand in for it.
pub(crate) fn region(
    gateway: &Gateway,
    code: XdsErrorCode,
) -> Result<(Arc<Region>, Option<FallbackCause>), XdsError> {
    match gateway.store.region() {
        Ok(region) => {
            let Some(fallback) = &gateway.fallback else { return Ok((region, None)) };
            fallback.agreements_are_back();
            Ok((region, fallback.is_audit_full().then_some(FallbackCause::AuditFull)))
        }
        Err(_) if gateway.fallback.is_some() => {
            Ok((gateway.store.last_known_region(), Some(FallbackCause::PolicyStore)))
        }
        Err(error) => Err(unavailable(&error, code)),
    }
}

/// Marks an answer that the fallback gives; without its leave agreements that cannot be read refuse,
/// and a full audit log refuses when the answer is to be recorded.
pub(crate) fn mark(
    gateway: &Gateway,
    standing: &Standing<'_>,
    cause: Option<FallbackCause>,
    audit: &mut AuditEvent,
    code: XdsErrorCode,
) -> Result<Option<XdsError>, XdsError> {
    let Some(cause) = cause else { return Ok(None) };
    if !may(gateway, standing) {
        return match cause {
            FallbackCause::AuditFull => Ok(None),
            FallbackCause::PolicyStore => Err(unavailable(&GatewayError::Stale, code)),
        };
    }
    audit.fallback = Some(cause);
    let what = match cause {
        FallbackCause::AuditFull => "the audit log is out of space",
        FallbackCause::PolicyStore => "agreements and preferences cannot be read",
    };
    let context = format!(
        "answered for urgent care by the fallback, because {what}: the answer is on record and will be reviewed, and it may show what has been withdrawn since"
    );
    Ok(Some(XdsError::warning(code, context).at(LOCATION)))
}

fn may(gateway: &Gateway, standing: &Standing<'_>) -> bool {
    let fallback = gateway.fallback.as_ref();
    fallback.is_some_and(|fallback| fallback.permits(standing.asker.purpose))
}

/// What to go by where nothing can be read of a patient: nothing is known, so that only what stands
/// without a relationship on record is permitted.
pub(crate) fn facts(
    gateway: &Gateway,
    standing: &Standing<'_>,
    error: &GatewayError,
    code: XdsErrorCode,
) -> Result<PatientFacts, XdsError> {
    if gateway.store.region().is_err() && may(gateway, standing) {
        return Ok(PatientFacts::default());
    }
    Err(unavailable(error, code))
}
