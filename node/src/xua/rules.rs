//! Whether a proved assertion holds now, here and for who presents it (SAML Core 2.5, Profiles 3; ITI
//! TF-2 3.40.4.1.3). Pure: the time comes in.

use super::{Presented, Refused, XuaSettings};
use crate::caller::{TransactionalFlag, UserAssertion};
use jiff::{SignedDuration, Timestamp};
use schemas::saml::{Assertion, Attributes, Confirmation, ConfirmationMethod};
use sha2::{Digest, Sha256};

/// Times, audience and confirmation.
pub(super) fn hold(
    settings: &XuaSettings,
    assertion: &Assertion,
    presented: &Presented,
    now: Timestamp,
) -> Result<(), Refused> {
    let window = Window { settings, now };
    window.lives(assertion.not_before, assertion.not_on_or_after)?;
    if !window.has_begun(assertion.issued_at) {
        return Err(Refused::NotYetValid);
    }
    let over = assertion.session_ends.is_some_and(|ends| !window.is_open(ends));
    if over || !window.has_begun(assertion.authenticated_at) {
        return Err(Refused::Session);
    }
    let met = |named: &Vec<String>| named.iter().any(|uri| settings.audience.contains(uri));
    if !assertion.audiences.iter().all(met) {
        return Err(Refused::Audience);
    }
    match assertion.confirmations.iter().any(|one| confirms(&window, one, presented)) {
        true => Ok(()),
        false => Err(Refused::Confirmation),
    }
}

/// Times against the clock, with what clocks may differ.
pub(super) struct Window<'s> {
    pub settings: &'s XuaSettings,
    pub now: Timestamp,
}

impl Window<'_> {
    pub(super) fn has_begun(&self, at: Timestamp) -> bool {
        at.duration_since(self.now) <= self.settings.skew()
    }

    fn is_open(&self, ends: Timestamp) -> bool {
        self.now.duration_since(ends) < self.settings.skew()
    }

    pub(super) fn lives(&self, begins: Timestamp, ends: Timestamp) -> Result<(), Refused> {
        if !self.has_begun(begins) {
            return Err(Refused::NotYetValid);
        }
        if !self.is_open(ends) || ends <= begins {
            return Err(Refused::Expired);
        }
        let longest = SignedDuration::from_secs(self.settings.life_seconds_max.into());
        match ends.duration_since(begins) > longest {
            true => Err(Refused::LivesTooLong),
            false => Ok(()),
        }
    }
}

fn confirms(window: &Window<'_>, confirmation: &Confirmation, presented: &Presented) -> bool {
    let holder = match &confirmation.method {
        ConfirmationMethod::Bearer => true,
        ConfirmationMethod::HolderOfKey(certificates) => {
            let digests = certificates.iter().map(|der| <[u8; 32]>::from(Sha256::digest(der)));
            let mut digests = digests.map(Some);
            digests.any(|digest| digest == presented.certificate)
        }
        ConfirmationMethod::Other => false,
    };
    let audience = &window.settings.audience;
    let address = |text: &String| text.parse() == Ok(presented.address);
    holder
        && confirmation.not_before.is_none_or(|at| window.has_begun(at))
        && confirmation.not_on_or_after.is_none_or(|at| window.is_open(at))
        && confirmation.recipient.as_ref().is_none_or(|uri| audience.contains(uri))
        && confirmation.address.as_ref().is_none_or(address)
}

/// The person of an assertion, in the hub's words.
pub(super) fn user(
    settings: &XuaSettings,
    assertion: &Assertion,
    presented: &Presented,
) -> Result<UserAssertion, Refused> {
    let person = Person {
        issuer: &assertion.issuer,
        name_id: &assertion.name_id,
        alias: assertion.alias.as_deref(),
        context: &assertion.context,
    };
    meaning(settings, &person, &assertion.attributes, presented)
}

/// Who was authenticated, by whom and how.
pub(super) struct Person<'p> {
    pub issuer: &'p str,
    pub name_id: &'p str,
    pub alias: Option<&'p str>,
    pub context: &'p str,
}

/// What attributes mean, of an assertion or a token alike.
pub(super) fn meaning(
    settings: &XuaSettings,
    person: &Person<'_>,
    attributes: &Attributes,
    presented: &Presented,
) -> Result<UserAssertion, Refused> {
    let purpose = settings.purpose(&attributes.purpose).ok_or(Refused::UnknownPurpose)?;
    if purpose.break_glass && attributes.break_glass.is_none() {
        return Err(Refused::NoReason);
    }
    let acting_for = presented.acting_for.as_ref();
    let organisation = attributes.organisation.as_ref().or(acting_for);
    let organisation = organisation.unwrap_or(&presented.organisation);
    if acting_for.is_some_and(|named| named != organisation) {
        return Err(Refused::OtherOrganisation);
    }
    let flag = attributes.transactional.as_ref();
    Ok(UserAssertion {
        subject_id: attributes.subject_id.as_deref().unwrap_or(person.name_id).to_owned(),
        name_id: person.name_id.to_owned(),
        alias: person.alias.map(str::to_owned),
        issuer: person.issuer.to_owned(),
        organisation: organisation.clone(),
        role: settings.role(&attributes.role),
        purpose: purpose.purpose.clone(),
        patient: attributes.patient.clone(),
        department: attributes.department.clone(),
        home_community_id: attributes.home_community_id.clone(),
        transactional: flag.map(|flag| TransactionalFlag {
            kind: flag.kind.clone(),
            reference: flag.reference.clone(),
        }),
        break_glass: attributes.break_glass.clone().filter(|_| purpose.break_glass),
        second_factor: settings.second_factor.iter().any(|known| known == person.context),
    })
}
