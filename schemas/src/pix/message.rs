//! PRPA_IN201301UV02, PRPA_IN201302UV02 and PRPA_IN201304UV02, as far as a registry needs them
//! (ITI TF-2 3.44.4.1, 3.44.4.2).

use super::{
    AffinityDomain, IdentifierError, Kept, NAMESPACE, Particulars, PatientFeed, Spelled, Vital,
};
use crate::dtm::Dtm;
use crate::ods_code::OdsCode;
use crate::xml::Element;

/// The messages of the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interaction {
    RecordAdded,
    RecordRevised,
    DuplicatesResolved,
}

impl Interaction {
    pub const ALL: [Self; 3] = [Self::RecordAdded, Self::RecordRevised, Self::DuplicatesResolved];

    /// The message's element and interactionId.
    pub fn name(self) -> &'static str {
        match self {
            Self::RecordAdded => "PRPA_IN201301UV02",
            Self::RecordRevised => "PRPA_IN201302UV02",
            Self::DuplicatesResolved => "PRPA_IN201304UV02",
        }
    }
}

/// II: an identifier of a message or a device. Both parts are short and plain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ii {
    pub root: String,
    pub extension: Option<String>,
}

impl Ii {
    /// Reads an `id` with a root that is an OID or a UUID.
    fn read(element: Element<'_>) -> Option<Self> {
        let root = element.attr("root")?.trim();
        let oid = crate::oid::Oid::parse(root).is_ok();
        let uuid = uuid::Uuid::try_parse(root).is_ok() && root.len() == 36;
        let extension = element.attr("extension").filter(|text| !text.is_empty());
        let short = extension.is_none_or(|text| text.len() <= 256);
        let read = || Self { root: root.to_owned(), extension: extension.map(str::to_owned) };
        ((oid || uuid) && short).then(read)
    }

    /// `root` or `root^extension`, for records.
    pub fn text(&self) -> String {
        match &self.extension {
            Some(extension) => format!("{}^{extension}", self.root),
            None => self.root.clone(),
        }
    }
}

/// What an answer repeats of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PixHeader {
    pub id: Ii,
    pub processing_code: String,
    /// The device that sent it.
    pub sender: Ii,
    /// The device that it is for.
    pub receiver: Ii,
}

/// A message that is understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PixMessage {
    pub header: PixHeader,
    pub interaction: Interaction,
    pub feed: PatientFeed,
    pub particulars: Particulars,
}

/// A message that is not. Without a header there is nothing that an acknowledgement could name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PixRefusal {
    pub header: Option<PixHeader>,
    /// Names the element, the rule and the fix; never a patient's identifier.
    pub reason: String,
}

impl PixMessage {
    /// Reads the body element of an ITI-44 request.
    pub fn read(
        body: Element<'_>,
        domain: &AffinityDomain,
        training: bool,
    ) -> Result<Self, Box<PixRefusal>> {
        let refused = |header, reason: String| Box::new(PixRefusal { header, reason });
        let interaction = Interaction::ALL
            .into_iter()
            .find(|interaction| body.is(NAMESPACE, interaction.name()))
            .ok_or_else(|| {
                refused(None, "the body is no message of a patient identity feed".to_owned())
            })?;
        let header = PixHeader::read(body).map_err(|reason| refused(None, reason))?;
        match feed(body, interaction, &header, domain, training) {
            Ok(feed) => {
                let particulars = particulars(body, interaction);
                Ok(Self { header, interaction, feed, particulars })
            }
            Err(reason) => Err(refused(Some(header), reason)),
        }
    }
}

impl PixHeader {
    fn read(body: Element<'_>) -> Result<Self, String> {
        let id = body.child(NAMESPACE, "id").and_then(Ii::read);
        let id = id.ok_or("the message's id needs a root that is an OID or a UUID")?;
        let device = |role: &str| {
            let mut devices = body.children_named(NAMESPACE, role);
            let (first, second) = (devices.next(), devices.next());
            let found = first.filter(|_| second.is_none());
            let id = found.and_then(|role| role.path(NAMESPACE, &["device", "id"]));
            id.and_then(Ii::read).ok_or_else(|| {
                format!("exactly one {role} is required, its device/id with an OID as root")
            })
        };
        let code = body.child(NAMESPACE, "processingCode").and_then(|code| code.attr("code"));
        let code = code.filter(|code| matches!(*code, "P" | "T" | "D"));
        let code = code.ok_or("processingCode must be P, T or D")?;
        Ok(Self {
            id,
            processing_code: code.to_owned(),
            sender: device("sender")?,
            receiver: device("receiver")?,
        })
    }
}

fn feed(
    body: Element<'_>,
    interaction: Interaction,
    header: &PixHeader,
    domain: &AffinityDomain,
    training: bool,
) -> Result<PatientFeed, String> {
    let said = body.child(NAMESPACE, "interactionId").and_then(|id| id.attr("extension"));
    if said != Some(interaction.name()) {
        return Err(format!("interactionId/@extension must be {}", interaction.name()));
    }
    if header.processing_code != "P" && !training {
        return Err("processingCode: only messages of production (P) are taken".to_owned());
    }
    let mode = body.child(NAMESPACE, "processingModeCode").and_then(|code| code.attr("code"));
    if mode != Some("T") {
        return Err("processingModeCode must be T, current processing".to_owned());
    }
    let event = registration(body)?;
    status(event, "active", "registrationEvent")?;
    let patient = only(event, "subject1")?.child(NAMESPACE, "patient");
    let patient = patient.ok_or("registrationEvent/subject1 has no patient")?;
    let ids = identifiers(patient.children_named(NAMESPACE, "id"), domain, "patient/id")?;
    let named = |error: IdentifierError| format!("patient/id: {error}");
    if interaction == Interaction::DuplicatesResolved {
        let prior = prior(event)?;
        let subsumed = identifiers(std::iter::once(prior), domain, "priorRegisteredRole/id")?;
        ids.clone().patient().map_err(named)?;
        let pair = ids.merge(subsumed);
        return pair.map_err(|error| format!("priorRegisteredRole/id: {error}"));
    }
    if event.child(NAMESPACE, "replacementOf").is_some() {
        return Err(format!(
            "registrationEvent/replacementOf is for {} only",
            Interaction::DuplicatesResolved.name()
        ));
    }
    let patient = ids.patient().map_err(named)?;
    Ok(match interaction {
        Interaction::RecordRevised => PatientFeed::Update(patient),
        _ => PatientFeed::Add(patient),
    })
}

/// The practice that a registering system names as the patient's provider, and a death. Nothing of
/// it is a reason to refuse the message.
fn particulars(body: Element<'_>, interaction: Interaction) -> Particulars {
    let found = registration(body).and_then(|event| only(event, "subject1"));
    let patient = found.ok().and_then(|subject| subject.child(NAMESPACE, "patient"));
    let Some(patient) = patient.filter(|_| interaction != Interaction::DuplicatesResolved) else {
        return Particulars::default();
    };
    let organisation = patient.child(NAMESPACE, "providerOrganization");
    let ids = organisation.iter().flat_map(|of| of.children_named(NAMESPACE, "id"));
    let mut codes = ids.filter_map(|id| OdsCode::parse(id.attr("extension")?).ok());
    Particulars { practice: codes.next(), encounter: None, vital: vital(patient) }
}

fn vital(patient: Element<'_>) -> Option<Vital> {
    let value = |name: &str| patient.path(NAMESPACE, &["patientPerson", name])?.attr("value");
    let died_at = value("deceasedTime").and_then(|text| Dtm::from_cda(text).ok());
    match value("deceasedInd") {
        Some("true" | "1") => Some(Vital::Died(died_at)),
        _ if died_at.is_some() => Some(Vital::Died(died_at)),
        Some("false" | "0") => Some(Vital::Lives),
        _ => None,
    }
}

/// The one registrationEvent of the one subject.
fn registration(body: Element<'_>) -> Result<Element<'_>, String> {
    let act = body.child(NAMESPACE, "controlActProcess").ok_or("controlActProcess is missing")?;
    let subject = only(act, "subject")?;
    subject
        .child(NAMESPACE, "registrationEvent")
        .ok_or_else(|| "controlActProcess/subject has no registrationEvent".to_owned())
}

/// The one child of a name.
fn only<'d>(parent: Element<'d>, name: &str) -> Result<Element<'d>, String> {
    let mut found = parent.children_named(NAMESPACE, name);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        _ => Err(format!("{} must hold exactly one {name}", parent.local())),
    }
}

fn status(of: Element<'_>, wanted: &str, name: &str) -> Result<(), String> {
    let code = of.child(NAMESPACE, "statusCode").and_then(|code| code.attr("code"));
    if code == Some(wanted) { Ok(()) } else { Err(format!("{name}/statusCode must be {wanted}")) }
}

/// The subsumed identifier.
fn prior(event: Element<'_>) -> Result<Element<'_>, String> {
    let replacement = only(event, "replacementOf")?;
    let prior = only(replacement, "priorRegistration")?;
    status(prior, "obsolete", "priorRegistration")?;
    let role = only(prior, "subject1")?;
    only(only(role, "priorRegisteredRole")?, "id")
}

fn identifiers<'d>(
    ids: impl Iterator<Item = Element<'d>>,
    domain: &AffinityDomain,
    path: &str,
) -> Result<Kept, String> {
    let ids: Vec<_> = ids.collect();
    let rootless = |id: &Element<'_>| id.attr("root").is_none() && id.attr("extension").is_some();
    if ids.iter().any(rootless) {
        return Err(format!("{path}: an id needs a root; a name of an authority alone names none"));
    }
    let spelled = ids.iter().filter_map(|id| {
        let oid = id.attr("root")?.trim();
        Some(Spelled { id: id.attr("extension")?.trim(), namespace: "", oid })
    });
    domain.keep(spelled).map_err(|error| format!("{path}: {error}"))
}
