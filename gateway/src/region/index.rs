//! Look-ups of a snapshot, made once: which organisation, role and tier a word means, and which
//! agreements a pair of organisations and a purpose may meet in. It only narrows: whether an
//! agreement permits is read from the agreement.

use super::{Organisation, Region, Role, SystemProfile, Tier, TypeSelector, Versioned};
use schemas::code_set::DocumentType;
use schemas::ods_code::OdsCode;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::OnceLock;

/// A place for the look-ups of a region: made when first asked, and not taken along by a clone,
/// which is there to be changed.
#[derive(Default)]
pub struct Index(OnceLock<Lookups>);

impl Clone for Index {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Index")
    }
}

/// A set of agreements by their places in the snapshot.
#[derive(Clone, Debug, Default, PartialEq)]
struct Places(Vec<u64>);

impl Places {
    fn insert(&mut self, place: usize) {
        let word = place / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(bits) = self.0.get_mut(word) {
            *bits |= 1 << (place % 64);
        }
    }

    fn union(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine |= theirs;
        }
    }

    fn word(&self, n: usize) -> u64 {
        self.0.get(n).copied().unwrap_or_default()
    }
}

/// What each word of a snapshot means, by place.
struct Lookups {
    organisations: HashMap<OdsCode, usize>,
    systems: HashMap<OdsCode, Vec<usize>>,
    /// Everyone in a group, listed or by kind.
    groups: HashMap<String, HashSet<OdsCode>>,
    as_publisher: HashMap<OdsCode, Places>,
    as_consumer: HashMap<OdsCode, Places>,
    for_purpose: HashMap<String, Places>,
    for_role: HashMap<String, Places>,
    for_type: TypePlaces,
    roles: HashMap<String, usize>,
    codes: HashMap<String, usize>,
    /// `R0580-R1260`: first, last, place.
    ranges: Vec<(u32, u32, usize)>,
    tiers: HashMap<String, usize>,
    /// Role words of agreements and profiles: what a role may be where there is no table.
    words: HashSet<String>,
}

impl Lookups {
    fn of(region: &Region) -> Self {
        let groups = groups(region);
        let (roles, codes, ranges) = roles(region);
        let side = |parties: fn(&Versioned) -> &[String]| places(region, &groups, parties);
        let agreed = region.agreements.iter().flat_map(|versioned| &versioned.agreement.roles);
        let words = agreed.chain(region.systems.iter().map(|system| &system.role));
        let mut systems: HashMap<OdsCode, Vec<usize>> = HashMap::new();
        for (place, system) in region.systems.iter().enumerate() {
            systems.entry(system.organisation.clone()).or_default().push(place);
        }
        Self {
            organisations: first_places(region.organisations.iter().map(|o| o.ods.clone())),
            systems,
            as_publisher: side(|versioned| &versioned.agreement.publishers),
            as_consumer: side(|versioned| &versioned.agreement.consumers),
            groups,
            for_purpose: word_places(&region.agreements, |of| &of.agreement.purposes),
            for_role: word_places(&region.agreements, |of| &of.agreement.roles),
            for_type: TypePlaces::of(&region.agreements),
            roles,
            codes,
            ranges,
            tiers: first_places(region.tiers.iter().map(|tier| tier.name.clone())),
            words: words.cloned().collect(),
        }
    }
}

fn first_places<K: std::hash::Hash + Eq>(keys: impl Iterator<Item = K>) -> HashMap<K, usize> {
    let mut places = HashMap::new();
    for (place, key) in keys.enumerate() {
        places.entry(key).or_insert(place);
    }
    places
}

fn groups(region: &Region) -> HashMap<String, HashSet<OdsCode>> {
    let mut groups: HashMap<String, HashSet<OdsCode>> = HashMap::new();
    for group in &region.groups {
        let by_kind = region.organisations.iter().filter(|o| group.kind == Some(o.kind));
        let members = group.members.iter().chain(by_kind.map(|organisation| &organisation.ods));
        groups.entry(group.name.clone()).or_insert_with(|| members.cloned().collect());
    }
    groups
}

/// For each organisation the agreements that one of their sides means it by.
fn places(
    region: &Region,
    groups: &HashMap<String, HashSet<OdsCode>>,
    parties: fn(&Versioned) -> &[String],
) -> HashMap<OdsCode, Places> {
    let mut by_party: HashMap<&str, Places> = HashMap::new();
    for (place, versioned) in region.agreements.iter().enumerate() {
        for party in parties(versioned) {
            by_party.entry(party).or_default().insert(place);
        }
    }
    let mut of: HashMap<OdsCode, Places> = HashMap::new();
    for (party, places) in &by_party {
        let ods = OdsCode::parse(party).ok();
        let group = party.strip_prefix("group:").and_then(|name| groups.get(name));
        for ods in group.into_iter().flatten().chain(&ods) {
            of.entry(ods.clone()).or_default().union(places);
        }
    }
    of
}

type RolePlaces = (HashMap<String, usize>, HashMap<String, usize>, Vec<(u32, u32, usize)>);

fn roles(region: &Region) -> RolePlaces {
    let names = first_places(region.roles.iter().map(|role| role.name.clone()));
    let mut codes = HashMap::new();
    let mut ranges = Vec::new();
    for (place, role) in region.roles.iter().enumerate() {
        for code in &role.codes {
            match Role::range(code) {
                Some((first, last)) => ranges.push((first, last, place)),
                None => {
                    codes.entry(code.trim().to_ascii_uppercase()).or_insert(place);
                }
            }
        }
    }
    (names, codes, ranges)
}

impl Region {
    fn lookups(&self) -> &Lookups {
        self.index.0.get_or_init(|| Lookups::of(self))
    }

    /// Makes the look-ups now, so that no request waits for them.
    pub fn prepared(self) -> Self {
        self.lookups();
        self
    }

    pub fn organisation(&self, ods: &OdsCode) -> Option<&Organisation> {
        let place = self.lookups().organisations.get(ods)?;
        self.organisations.get(*place).filter(|organisation| organisation.ods == *ods)
    }

    pub fn system(&self, name: &str, organisation: &OdsCode) -> Option<&SystemProfile> {
        let places = self.lookups().systems.get(organisation)?;
        let mut systems = places.iter().filter_map(|place| self.systems.get(*place));
        systems.find(|system| system.name == name && system.organisation == *organisation)
    }

    /// Whether an organisation is meant by a party of an agreement: its code, or a group it is in.
    pub fn is_party(&self, party: &str, ods: &OdsCode) -> bool {
        match party.strip_prefix("group:") {
            None => party.eq_ignore_ascii_case(ods.as_str()),
            Some(name) => {
                self.lookups().groups.get(name).is_some_and(|members| members.contains(ods))
            }
        }
    }

    /// The role that is meant by an SDS job role (`R1070`, `NR1070`, `S8000:G8000:R8000`) or by the
    /// region's own word; the most particular row counts: triple, code, range, word.
    pub fn role(&self, shown: &str) -> Option<&Role> {
        let lookups = self.lookups();
        let code = shown.trim().to_ascii_uppercase();
        let last = code.rsplit(':').next().unwrap_or_default();
        let last =
            last.strip_prefix('N').filter(|rest| Role::number(rest).is_some()).unwrap_or(last);
        let within = |number: u32| {
            let mut ranges = lookups.ranges.iter();
            ranges.find(|(first, end, _)| (*first..=*end).contains(&number)).map(|range| &range.2)
        };
        let place = lookups
            .codes
            .get(&code)
            .or_else(|| lookups.codes.get(last))
            .or_else(|| Role::number(last).and_then(within))
            .or_else(|| lookups.roles.get(shown))?;
        self.roles.get(*place)
    }

    /// The row of a role word.
    pub fn role_named(&self, word: &str) -> Option<&Role> {
        self.lookups().roles.get(word).and_then(|place| self.roles.get(*place))
    }

    pub fn tier(&self, name: &str) -> Option<&Tier> {
        self.lookups().tiers.get(name).and_then(|place| self.tiers.get(*place))
    }

    /// A role word that an agreement or a system profile uses, as the snapshot holds it.
    pub(crate) fn role_word(&self, word: &str) -> Option<&str> {
        self.lookups().words.get(word).map(String::as_str)
    }

    /// The agreements of a meeting, in the snapshot's order. Whether they are in force is not looked
    /// at.
    pub(crate) fn meet<'r>(
        &'r self,
        meeting: &Meeting<'_>,
    ) -> impl Iterator<Item = &'r Versioned> + use<'r> {
        let words = self.lookups().words_of(meeting);
        words.into_iter().enumerate().flat_map(move |(n, mut bits)| {
            std::iter::from_fn(move || {
                let bit = bits.trailing_zeros() as usize;
                (bits != 0).then(|| bits &= bits - 1)?;
                self.agreements.get(n * 64 + bit)
            })
        })
    }
}

/// What agreements have to name to be looked at: a consumer, and of the rest what is given.
#[derive(Clone, Copy)]
pub(crate) struct Meeting<'m> {
    pub consumer: &'m OdsCode,
    /// Either of them.
    pub publishers: Option<[&'m OdsCode; 2]>,
    /// Any of them.
    pub purposes: Option<&'m [&'m str]>,
    pub document_type: Option<&'m DocumentType>,
    pub role: Option<&'m str>,
}

impl<'m> Meeting<'m> {
    pub fn of(consumer: &'m OdsCode) -> Self {
        Self { consumer, publishers: None, purposes: None, document_type: None, role: None }
    }
}

impl Lookups {
    fn words_of(&self, meeting: &Meeting<'_>) -> Vec<u64> {
        let consumed = self.as_consumer.get(meeting.consumer);
        let mut words = consumed.map_or_else(Vec::new, |places| places.0.clone());
        let mut narrow = |sets: &[Option<&Places>]| {
            for (n, word) in words.iter_mut().enumerate() {
                *word &= sets.iter().flatten().fold(0, |all, set| all | set.word(n));
            }
        };
        if let Some(publishers) = meeting.publishers {
            narrow(&publishers.map(|ods| self.as_publisher.get(ods)));
        }
        if let Some(purposes) = meeting.purposes {
            let places = purposes.iter().map(|purpose| self.for_purpose.get(*purpose));
            narrow(&places.collect::<Vec<_>>());
        }
        if let Some(role) = meeting.role {
            narrow(&[self.for_role.get(role)]);
        }
        if let Some(DocumentType { name, group, .. }) = meeting.document_type {
            let types = &self.for_type;
            narrow(&[Some(&types.all), types.groups.get(group), types.names.get(name)]);
        }
        words
    }
}

/// Agreements by what they say of document types.
#[derive(Default)]
struct TypePlaces {
    all: Places,
    groups: HashMap<String, Places>,
    names: HashMap<String, Places>,
}

impl TypePlaces {
    fn of(agreements: &[Versioned]) -> Self {
        let mut of = Self::default();
        for (place, versioned) in agreements.iter().enumerate() {
            for selector in &versioned.agreement.document_types {
                let places = match selector {
                    TypeSelector::All => &mut of.all,
                    TypeSelector::Group(group) => of.groups.entry(group.clone()).or_default(),
                    TypeSelector::Name(name) => of.names.entry(name.clone()).or_default(),
                };
                places.insert(place);
            }
        }
        of
    }
}

fn word_places(
    agreements: &[Versioned],
    words: fn(&Versioned) -> &[String],
) -> HashMap<String, Places> {
    let mut of: HashMap<String, Places> = HashMap::new();
    for (place, versioned) in agreements.iter().enumerate() {
        for word in words(versioned) {
            of.entry(word.clone()).or_default().insert(place);
        }
    }
    of
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::{Agreement, OrganisationKind};

    #[test]
    fn a_changed_clone_is_looked_up_anew() {
        let ods = OdsCode::parse("RXN").unwrap();
        let first = Region {
            organisations: vec![Organisation::named(ods.clone(), "", OrganisationKind::Acute)],
            ..Region::default()
        }
        .prepared();
        let found = |region: &Region| region.meet(&Meeting::of(&ods)).count();
        assert_eq!((first.organisation(&ods).is_some(), found(&first)), (true, 0));
        let mut other = first.clone();
        other.organisations.clear();
        let agreement = Agreement { consumers: vec!["rxn".to_owned()], ..Agreement::default() };
        other.agreements = vec![Versioned { version: 1, agreement }; 130];
        assert_eq!((other.organisation(&ods).is_some(), found(&other)), (false, 130));
    }
}
