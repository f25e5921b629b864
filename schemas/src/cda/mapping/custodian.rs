//! Who keeps the document: its organisation, the site that stands in its place, its facility type.

use super::MappingContext;
use crate::cda::header::{CdaHeader, Coded, Organisation};
use crate::cda::rules::MappingRules;
use crate::cda::slot;
use crate::cda::warning::{CdaWarning, note};
use crate::metadata::Code;
use crate::ods_code::OdsCode;
use crate::oid;
use crate::wire::Slot;

/// Organisation provider type; 001 is a general practice in it too.
const PROVIDER_TYPE: &str = "2.16.840.1.113883.2.1.3.2.4.17.289";
const FACILITY: &str = "healthcareFacilityTypeCode";

/// Notes that the author's organisation is a site under the root of organisations.
pub(super) fn site_of_author(
    header: &CdaHeader,
    context: &MappingContext<'_>,
    rules: &MappingRules,
    warnings: &mut Vec<CdaWarning>,
) {
    let id = header.author.as_ref().and_then(|author| author.organisation.id.as_ref());
    let id = id.filter(|id| id.root == oid::ODS_ORGANISATION);
    let ods = id.and_then(|id| OdsCode::parse(id.extension.as_deref()?).ok());
    if ods.is_some_and(|ods| rules.parent(&ods, context.publisher) != ods) {
        note(warnings, CdaWarning::SiteUnderOrganisation);
    }
}

pub(super) struct Custodian {
    /// The organisation: a site's parent.
    ods: Option<OdsCode>,
    /// The site, where one stood in the organisation's place.
    site: Option<String>,
}

pub(super) fn of(
    header: &CdaHeader,
    context: &MappingContext<'_>,
    rules: &MappingRules,
    warnings: &mut Vec<CdaWarning>,
) -> Custodian {
    let id = header.custodian.id.as_ref();
    let received = id.and_then(|id| id.extension.as_deref());
    let Some(ods) = received.and_then(|text| OdsCode::parse(text).ok()) else {
        note(warnings, CdaWarning::CustodianWithoutCode);
        return Custodian { ods: None, site: received.map(str::to_owned) };
    };
    let parent = rules.parent(&ods, context.publisher);
    let site = (parent != ods).then(|| received.unwrap_or_default().to_owned());
    if site.is_some() && id.is_some_and(|id| id.root == oid::ODS_ORGANISATION) {
        note(warnings, CdaWarning::SiteUnderOrganisation);
    }
    Custodian { ods: Some(parent), site }
}

impl Custodian {
    pub(super) fn slots(&self) -> impl Iterator<Item = Slot> + use<> {
        let ods = self.ods.as_ref().map(|ods| Slot::one(slot::CUSTODIAN_ODS, ods.as_str()));
        let site = self.site.clone().map(|site| Slot::one(slot::CUSTODIAN_SITE, site));
        ods.into_iter().chain(site)
    }

    /// The organisation type of the custodian as the document gives it, else the region's word for
    /// the organisation, else the document type's own.
    pub(super) fn facility(
        &self,
        header: &CdaHeader,
        of_type: &str,
        context: &MappingContext<'_>,
        rules: &MappingRules,
    ) -> Code {
        let sets = context.code_sets;
        let known = |code: &&str| sets.display(FACILITY, code).is_some();
        let configured = self.ods.as_ref().and_then(|ods| rules.facilities.get(ods));
        let code = stated(header)
            .filter(known)
            .or_else(|| configured.map(String::as_str))
            .unwrap_or(of_type);
        let display = sets.display(FACILITY, code).unwrap_or("Organisation");
        Code::new(code, oid::CDA_ORGANISATION_TYPE, display)
    }
}

/// The wire's custodian has no room for a type in every version; the author's organisation has, and
/// speaks for the custodian where both are one.
fn stated(header: &CdaHeader) -> Option<&str> {
    let code_of = |organisation: &'_ Organisation| organisation.kind.clone();
    let author = header.author.as_ref().map(|author| &author.organisation);
    let same = |organisation: &&Organisation| {
        organisation.id.is_some() && organisation.id == header.custodian.id
    };
    let organisations = [Some(&header.custodian), author.filter(same)];
    let facility = |coded: &Coded| match coded.system.as_str() {
        oid::CDA_ORGANISATION_TYPE => true,
        PROVIDER_TYPE => coded.code == "001",
        _ => false,
    };
    let found =
        organisations.into_iter().flatten().find(|o| code_of(o).is_some_and(|c| facility(&c)));
    found.and_then(|organisation| organisation.kind.as_ref()).map(|coded| coded.code.as_str())
}
