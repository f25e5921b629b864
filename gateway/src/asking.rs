//! Who asks, told aloud where the answer is no; and deciding over what a query found.

use crate::break_glass::shown::Glass;
use crate::decision::{
    self, Asker, Denial, EntryView, Moment, PatientFacts, Permit, Shown, decide, decide_local,
    standing,
};
use crate::fallback;
use crate::region::Region;
use crate::relationship::flag;
use crate::store::GatewayError;
use crate::{Gateway, asserted};
use node::actors::CallContext;
use node::audit::DecidedEntry;
use node::caller::Caller;
use schemas::entry_uuid::EntryUuid;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::hl7::PatientId;
use schemas::metadata::{AssociationFacts, AvailabilityStatus, FoundEntry};
use schemas::nhs_number::NhsNumber;
use schemas::query::{MetadataLevel, QueryAnswer, QueryKind, Selector, StoredQuery};
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

/// The region as it stands, on a day of the region's calendar.
pub(crate) struct Standing<'r> {
    pub region: &'r Region,
    pub at: Moment,
    pub asker: Asker<'r>,
    /// The patient that an assertion limits the request to.
    pub about: Option<PatientId>,
}

/// The moment in the region: agreements begin and end at midnight there.
pub(crate) fn moment(gateway: &Gateway) -> Moment {
    let zone = node::clock::region_zone();
    let now = gateway.clock.now();
    Moment { today: now.to_zoned(zone).date(), now }
}

/// Everything that can be refused before any look-up, with the code of the answering transaction.
pub(crate) fn stand<'r>(
    gateway: &Gateway,
    region: &'r Region,
    caller: &Caller,
    glass: &Glass,
    code: XdsErrorCode,
) -> Result<Standing<'r>, (Denial, XdsError)> {
    let at = moment(gateway);
    let acting_for = caller.asked_for();
    let mut shown = asserted::shown(caller);
    glass.complete(&mut shown);
    match standing(region, at, &caller.system, &caller.organisation, acting_for, &shown) {
        Ok(asker) => {
            let about = caller.user.as_ref().and_then(|user| user.patient.clone());
            Ok(Standing { region, at, asker, about })
        }
        Err(denial) => {
            let context = aloud(denial, region, caller, &shown);
            Err((denial, XdsError::new(code, context).at(denial.code())))
        }
    }
}

fn aloud(denial: Denial, region: &Region, caller: &Caller, shown: &Shown) -> String {
    let ods = caller.asked_for();
    let profile = region.system(&caller.system, &caller.organisation);
    let purpose = shown.purpose.as_ref().or_else(|| profile.and_then(|p| p.purposes.first()));
    let purpose = purpose.map_or("any purpose", String::as_str);
    let role = shown.role.as_ref().or_else(|| profile.map(|profile| &profile.role));
    let role = role.map_or("", String::as_str);
    match denial {
        Denial::UnknownSystem => format!(
            "the system {:?} of {} is not registered with this gateway: ask the region's operator for a system profile",
            caller.system, caller.organisation
        ),
        Denial::MayNotActFor => format!(
            "the system {:?} of {} may not act for {ods}: its profile lists other organisations",
            caller.system, caller.organisation
        ),
        Denial::UnknownOrganisation => {
            format!("the organisation {ods} is not known in this region")
        }
        Denial::NotAMember => format!(
            "{ods} is connected but is not a member of the region's information-sharing framework: it must be signed before anything is shared"
        ),
        Denial::NoAssertion => format!(
            "people alone ask through the system {:?}: send a SAML assertion of the user (ITI-40), or have the profile changed",
            caller.system
        ),
        Denial::UnknownRole => format!(
            "the role {role:?} has no place in this region's table of roles: act in another role, or have the region's operator add it"
        ),
        Denial::PurposeNotAllowed => format!(
            "the purpose {purpose:?} is not among those of the system {:?}: state another, or have its profile changed",
            caller.system
        ),
        Denial::BreakGlassNotAllowed => format!(
            "the glass cannot be broken here as {role:?}: it takes a role that the region names, a reason in words and, where demanded, a second factor"
        ),
        _ => format!("{ods} has no agreement in force for {purpose}: nothing can be shown to it"),
    }
}

pub(crate) fn unavailable(error: &GatewayError, code: XdsErrorCode) -> XdsError {
    tracing::error!(%error, "gateway cannot decide");
    XdsError::new(
        code,
        "the gateway cannot read its agreements just now, so it answers nothing; try again",
    )
}

/// One request's questions to the registry and its decisions, in its standing.
pub(crate) struct Inquiry<'g> {
    pub gateway: &'g Gateway,
    pub standing: Standing<'g>,
    pub context: CallContext,
    /// What the answering transaction says where a service cannot be asked.
    pub busy: XdsErrorCode,
}

/// One found entry, decided on.
pub(crate) struct Judged {
    pub entry: FoundEntry,
    pub outcome: Result<Permit, Denial>,
    /// Where it is refused: whether its existence may be told.
    pub may_be_told: bool,
    /// Where not even the number of such entries may be told.
    pub existence_is_sensitive: bool,
}

impl Judged {
    pub(crate) fn id(&self) -> EntryUuid {
        self.entry.facts.entry_uuid
    }

    pub(crate) fn is_permitted(&self) -> bool {
        self.outcome.is_ok()
    }

    /// To list is not to hand out: a permit for the index alone opens no document.
    pub(crate) fn for_handing_out(mut self) -> Self {
        if self.outcome.as_ref().is_ok_and(Permit::is_index_only) {
            self.outcome = Err(Denial::TierNotCovered);
        }
        self
    }

    /// For the audit record.
    pub(crate) fn decided(&self) -> DecidedEntry {
        let facts = &self.entry.facts;
        let publisher = facts.publisher_ods.as_ref();
        let denial = self.outcome.as_ref().err();
        // Whom it was addressed to counts where the patient has no number of the domain only.
        let is_local = facts.patient_id.nhs_number().is_none();
        let addressed = if is_local { facts.recipients.as_slice() } else { &[] };
        DecidedEntry {
            unique_id: facts.unique_id.to_string(),
            patient_id: Some(facts.patient_id.text()),
            publisher_ods: publisher.map(ToString::to_string).unwrap_or_default(),
            type_code: facts.type_code.clone(),
            practice_setting: facts.practice_setting.clone(),
            confidentiality: facts.confidentiality.clone(),
            recipients: addressed.iter().map(ToString::to_string).collect(),
            decision: denial.map_or("permit", |denial| denial.code()).to_owned(),
            agreement: self.outcome.as_ref().ok().map(|permit| permit.agreement().to_owned()),
            relationship: self.outcome.as_ref().ok().map(|p| p.basis().name().to_owned()),
            control: denial.map(|denial| denial.control().name().to_owned()),
            over_preference: self.outcome.as_ref().is_ok_and(Permit::over_preference),
            broke_glass: self.outcome.as_ref().is_ok_and(Permit::broke_glass),
        }
    }
}

/// How many ids go into one question at most.
const IDS_AT_ONCE: usize = 200;

impl Inquiry<'_> {
    /// Full objects of one query; an error of the registry is this request's error.
    pub(crate) async fn ask(&self, query: &StoredQuery) -> Result<QueryAnswer, XdsError> {
        let found = self.gateway.registry.query(query, &self.context).await.map_err(|error| {
            tracing::error!(%error, "registry not available");
            XdsError::new(self.busy, "the registry cannot be reached; try again")
        })?;
        match found.errors.iter().find(|error| error.is_error()) {
            Some(error) => Err(error.clone()),
            None => Ok(found),
        }
    }

    /// Entries by entryUUID or logicalID, every version in any status, judged.
    pub(crate) async fn judge_ids(
        &self,
        ids: impl IntoIterator<Item = EntryUuid>,
        selector: fn(Vec<EntryUuid>) -> Selector,
    ) -> Result<Vec<Judged>, XdsError> {
        let kind = |ids| QueryKind::GetDocuments(selector(ids));
        let found = self.ask_in_parts(ids, kind).await?;
        self.judge(found.into_iter().flat_map(|answer| answer.entries).collect()).await
    }

    /// Associations with any of these objects as an end, in any status.
    pub(crate) async fn associations(
        &self,
        ids: impl IntoIterator<Item = EntryUuid>,
    ) -> Result<Vec<AssociationFacts>, XdsError> {
        let found = self.ask_in_parts(ids, QueryKind::GetAssociations).await?;
        let found = found.into_iter().flat_map(|answer| answer.associations);
        Ok(found.map(|association| association.facts).collect())
    }

    /// Asks about each id once, in parts whose answers are within the registry's limit: the asker
    /// has not asked these questions, and could not narrow them.
    async fn ask_in_parts(
        &self,
        ids: impl IntoIterator<Item = EntryUuid>,
        kind: impl Fn(Vec<EntryUuid>) -> QueryKind,
    ) -> Result<Vec<QueryAnswer>, XdsError> {
        let ids: BTreeSet<EntryUuid> = ids.into_iter().collect();
        let ids: Vec<EntryUuid> = ids.into_iter().collect();
        let mut parts: Vec<&[EntryUuid]> = ids.chunks(IDS_AT_ONCE).collect();
        let mut answers = Vec::new();
        while let Some(part) = parts.pop() {
            match self.ask(&everything(kind(part.to_vec()))).await {
                Ok(answer) => answers.push(answer),
                Err(error) if error.code == XdsErrorCode::TooManyResults && part.len() > 1 => {
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.extend([first, second]);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(answers)
    }

    /// Decides on every entry; facts of each patient are read once.
    pub(crate) async fn judge(&self, entries: Vec<FoundEntry>) -> Result<Vec<Judged>, XdsError> {
        let mut known: HashMap<NhsNumber, PatientFacts> = HashMap::new();
        let nobody = PatientFacts::default();
        let mut judged = Vec::with_capacity(entries.len());
        for entry in entries {
            let patient = match entry.facts.patient_id.nhs_number() {
                None => &nobody,
                Some(number) => match known.entry(number) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(new) => new.insert(self.facts(number).await?),
                },
            };
            judged.push(self.decide(entry, patient));
        }
        flag::used(self, &judged).await?;
        Ok(judged)
    }

    /// The facts of a patient of whom nothing was found are read all the same: no shorter answer
    /// tells that there is nothing.
    pub(crate) async fn know(&self, patient: Option<&PatientId>) -> Result<(), XdsError> {
        match patient.and_then(PatientId::nhs_number) {
            Some(number) => self.facts(number).await.map(|_| ()),
            None => Ok(()),
        }
    }

    /// What is known of a patient.
    pub(crate) async fn facts(&self, number: NhsNumber) -> Result<PatientFacts, XdsError> {
        let today = self.standing.at.today;
        match self.gateway.store.patient_facts(number, today).await {
            Ok(facts) => Ok(facts),
            Err(error) => fallback::facts(self.gateway, &self.standing, &error, self.busy),
        }
    }

    fn decide(&self, entry: FoundEntry, patient: &PatientFacts) -> Judged {
        let Standing { region, at, asker, .. } = &self.standing;
        let facts = &entry.facts;
        let code_sets = &self.gateway.code_sets;
        let view = EntryView {
            unique_id: facts.unique_id.as_str(),
            publisher_ods: facts.publisher_ods.as_ref(),
            document_type: code_sets.document_type(&facts.type_code, &facts.practice_setting),
            confidentiality: &facts.confidentiality,
            recipients: &facts.recipients,
        };
        let is_local = facts.patient_id.nhs_number().is_none();
        let other = self.standing.is_about_another(&facts.patient_id);
        let outcome = if other {
            Err(Denial::OtherPatient)
        } else if is_local {
            decide_local(region, *at, asker, &view)
        } else {
            decide(region, *at, asker, patient, &view)
        };
        let may_be_told =
            !is_local && !other && decision::may_be_told(region, *at, asker, patient, &view);
        let policy = &region.policy;
        let existence_is_sensitive =
            policy.existence_is_sensitive(view.document_type, view.confidentiality);
        Judged { entry, outcome, may_be_told, existence_is_sensitive }
    }
}

/// Every version and every Association, whatever its status.
fn everything(kind: QueryKind) -> StoredQuery {
    StoredQuery {
        metadata_level: MetadataLevel::Two,
        association_status: vec![AvailabilityStatus::Approved, AvailabilityStatus::Deprecated],
        ..StoredQuery::leaf_class(kind)
    }
}
