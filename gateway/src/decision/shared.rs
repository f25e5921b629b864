//! Control 4: what the citizen wants.
//!
//! A wish counts for an entry where each field that it names fits. One not to share holds for an
//! organisation's successor as well, one to share does not. An exception goes before the
//! wish that it is an exception to: a wish to share overrides one not to share if it is at least
//! as narrow in document type (a name, a group, any), publisher and consumer, and narrower in one
//! of them, or the same in all and recorded on a later day. Where neither is an exception to the
//! other, not sharing wins. Wishes are looked at by the purpose's mode.
//!
//! A seal is about one entry and holds in every mode; those that it names stay inside it. Consent
//! is asked for first. An organisation keeps seeing what it wrote itself, whatever is wished.

use super::{Asker, BREAK_GLASS, Denial, EntryView, Moment, PatientFacts, agreed, related};
use crate::region::{Preference, PreferenceMode, Region, TypeSelector, Wish};
use schemas::ods_code::OdsCode;

/// How an entry came through.
#[derive(Default)]
pub(super) struct Shared {
    /// A wish or a seal was against it.
    pub over_preference: bool,
    /// The glass stood in for that.
    pub broke_glass: bool,
}

pub(super) fn shared(
    region: &Region,
    at: Moment,
    asker: &Asker<'_>,
    patient: &PatientFacts,
    entry: &EntryView<'_>,
) -> Result<Shared, Denial> {
    if agreed::is_own(region, at, asker, entry) {
        return Ok(Shared::default());
    }
    let demanded = region.policy.consent_required.iter().any(|purpose| purpose == asker.purpose);
    if demanded && !patient.consents.iter().any(|purpose| purpose == asker.purpose) {
        return Err(Denial::NoConsent);
    }
    let glass = asker.purpose == BREAK_GLASS
        && region.policy.break_glass.over_preference
        && related::breaks_glass(region, asker);
    let against = match sealed(asker, patient, entry) {
        Some(Denial::Sealed) if glass => true,
        Some(denial) => return Err(denial),
        None => false,
    };
    let unwanted = is_unwanted(region, at, asker, patient, entry);
    match region.policy.preference_for(asker.purpose) {
        PreferenceMode::Enforcing if unwanted && !glass => Err(Denial::Preference),
        PreferenceMode::Enforcing if unwanted => {
            Ok(Shared { over_preference: true, broke_glass: true })
        }
        PreferenceMode::Advisory if unwanted => {
            Ok(Shared { over_preference: true, broke_glass: against })
        }
        _ => Ok(Shared { over_preference: against, broke_glass: against }),
    }
}

/// The seal that keeps the asker out; a locked one where there are several.
fn sealed(asker: &Asker<'_>, patient: &PatientFacts, entry: &EntryView<'_>) -> Option<Denial> {
    let seals = patient.sealed.iter().filter(|seal| {
        seal.unique_id == entry.unique_id && !seal.open_to.contains(asker.organisation)
    });
    let locked = seals.map(|seal| seal.locked).reduce(|one, other| one || other)?;
    Some(if locked { Denial::SealedAndLocked } else { Denial::Sealed })
}

fn is_unwanted(
    region: &Region,
    at: Moment,
    asker: &Asker<'_>,
    patient: &PatientFacts,
    entry: &EntryView<'_>,
) -> bool {
    let fits = |preference: &&Preference| fits(region, at, asker, preference, entry);
    let of = |wish| patient.preferences.iter().filter(fits).filter(move |p| p.wish == wish);
    of(Wish::DoNotShare).any(|wish| !of(Wish::Share).any(|other| overrides(other, wish)))
}

fn fits(
    region: &Region,
    at: Moment,
    asker: &Asker<'_>,
    preference: &Preference,
    entry: &EntryView<'_>,
) -> bool {
    let against = preference.wish == Wish::DoNotShare;
    // Of a type that the region does not know, it is assumed that the citizen meant it too.
    let of_type = |selector: &TypeSelector| match entry.document_type {
        Some(document_type) => selector.matches(document_type),
        None => against || *selector == TypeSelector::All,
    };
    let from = |named: &OdsCode| {
        entry.publisher_ods.is_some_and(|publisher| {
            publisher == named || against && region.answers_for(publisher, at.today) == named
        })
    };
    let to = |named: &OdsCode| {
        named == asker.organisation
            || against && region.answers_for(named, at.today) == asker.organisation
    };
    preference.document_type.as_ref().is_none_or(of_type)
        && preference.publisher.as_ref().is_none_or(from)
        && preference.consumer.as_ref().is_none_or(to)
}

fn overrides(share: &Preference, wish: &Preference) -> bool {
    let (share_is, wish_is) = (narrowness(share), narrowness(wish));
    let as_narrow = share_is.iter().zip(&wish_is).all(|(own, other)| own >= other);
    // Said under another number of a merged patient, it is no exception to this one.
    share.patient == wish.patient
        && as_narrow
        && (share_is != wish_is || share.recorded_on > wish.recorded_on)
}

/// Document type, publisher, consumer: 0 is any.
fn narrowness(preference: &Preference) -> [u8; 3] {
    let document_type = match &preference.document_type {
        None | Some(TypeSelector::All) => 0,
        Some(TypeSelector::Group(_)) => 1,
        Some(TypeSelector::Name(_)) => 2,
    };
    [
        document_type,
        u8::from(preference.publisher.is_some()),
        u8::from(preference.consumer.is_some()),
    ]
}
