//! referenceIdList: the set of versions, the encounter, the NHS 111 case, the referral.

use super::{MappingContext, local_authority};
use crate::cda::header::{CdaHeader, Identifier};
use crate::cda::slot;
use crate::hl7::{Cxi, component};
use crate::oid;

const CASE_REFERENCE_ROOT: &str = "2.16.840.1.113883.2.1.3.2.4.18.34";
const CASE_ID_ROOT: &str = "2.16.840.1.113883.2.1.3.2.4.18.35";
const ENCOUNTER: &str = "urn:ihe:iti:xds:2015:encounterId";
const REFERRAL: &str = "urn:ihe:iti:xds:2013:referral";

pub(super) fn of(header: &CdaHeader, context: &MappingContext<'_>) -> Vec<Cxi> {
    let set =
        header.set_id.as_ref().map(|id| format!("{}^^^^{}", component(id), slot::SET_REFERENCE));
    let encounters = header.encounter_ids.iter().filter_map(|id| {
        let type_code = match id.root.as_str() {
            CASE_REFERENCE_ROOT => slot::CASE_REFERENCE,
            CASE_ID_ROOT => slot::CASE_ID,
            _ => ENCOUNTER,
        };
        reference(id, type_code, context)
    });
    let referrals = header.referral_ids.iter().filter_map(|id| reference(id, REFERRAL, context));
    let all = set.into_iter().chain(encounters).chain(referrals);
    let mut found: Vec<Cxi> = Vec::new();
    for cxi in all.filter_map(|text| Cxi::parse(&text).ok()) {
        if !found.contains(&cxi) {
            found.push(cxi);
        }
    }
    found
}

/// A UUID or OID without an extension names itself; a local identifier gets its issuer's domain.
fn reference(id: &Identifier, type_code: &str, context: &MappingContext<'_>) -> Option<String> {
    let Some(extension) = id.extension.as_deref().map(component).filter(|text| !text.is_empty())
    else {
        let local = id.root == oid::LOCAL_IDENTIFIER;
        return (!local).then(|| format!("{}^^^^{type_code}", component(&id.root)));
    };
    let issuer = local_authority(context, id).map(|oid| format!("&{oid}&ISO")).unwrap_or_default();
    Some(format!("{extension}^^^{issuer}^{type_code}"))
}
