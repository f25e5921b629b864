//! The rules of merging over the real index, against a model that a person can check.

use hub::config::Config;
use node::clock::Clock;
use proptest::prelude::*;
use registry::identity::{Identities, IdentityError, IdentityPolicy, IdentityRequest, change};
use registry::store::Index;
use registry::store::identity::MergeMessage;
use registry::{KnownPatients, Patients};
use schemas::hl7::PatientId;
use schemas::nhs_number::NhsNumber;
use schemas::oid::{NHS_NUMBER, Oid};
use schemas::pix::AffinityDomain;
use std::collections::BTreeSet;
use std::sync::Arc;

const PATIENTS: usize = 6;

#[derive(Clone, Debug)]
enum Step {
    Merge(usize, usize),
    Unmerge(usize),
    Freeze(usize),
    Unfreeze(usize),
    Protect(usize, usize),
    Unprotect(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let (one, other) = (0..PATIENTS, 0..PATIENTS);
    prop_oneof![
        8 => (one.clone(), other.clone()).prop_map(|(a, b)| Step::Merge(a, b)),
        4 => one.clone().prop_map(Step::Unmerge),
        1 => one.clone().prop_map(Step::Freeze),
        2 => one.clone().prop_map(Step::Unfreeze),
        2 => (one.clone(), other.clone()).prop_map(|(a, b)| Step::Protect(a, b)),
        1 => (one, other).prop_map(|(a, b)| Step::Unprotect(a, b)),
    ]
}

/// Who was merged into whom, one step each.
#[derive(Default)]
struct Model {
    into: [Option<usize>; PATIENTS],
    frozen: BTreeSet<usize>,
    apart: BTreeSet<(usize, usize)>,
}

fn ordered(a: usize, b: usize) -> (usize, usize) {
    (a.min(b), a.max(b))
}

impl Model {
    fn end(&self, mut patient: usize) -> usize {
        while let Some(next) = self.into[patient] {
            patient = next;
        }
        patient
    }

    fn together(&self, end: usize) -> BTreeSet<usize> {
        (0..PATIENTS).filter(|patient| self.end(*patient) == end).collect()
    }

    /// Whether nobody of the one's chain must be kept from anybody of the other's.
    fn may_meet(&self, a: usize, b: usize) -> bool {
        let (of_a, of_b) = (self.together(self.end(a)), self.together(self.end(b)));
        of_a.iter().all(|x| of_b.iter().all(|y| !self.apart.contains(&ordered(*x, *y))))
    }

    /// What must become of a step; `None`: the model is told by the index (which merge is undone).
    fn allows(&mut self, step: &Step) -> Option<bool> {
        match *step {
            Step::Merge(a, b) => {
                let free = self.into[a].is_none() && self.into[b].is_none();
                let closed = self.frozen.contains(&a) || self.frozen.contains(&b);
                let allowed = a != b && free && !closed && self.may_meet(a, b);
                if allowed {
                    self.into[a] = Some(b);
                }
                Some(allowed)
            }
            Step::Unmerge(a) => Some(self.into[a].take().is_some()),
            Step::Freeze(a) => {
                let allowed = self.into[a].is_none();
                if allowed {
                    self.frozen.insert(a);
                }
                Some(allowed)
            }
            Step::Unfreeze(a) => Some(self.into[a].is_none() && self.frozen.remove(&a)),
            Step::Protect(a, b) if a == b => Some(false),
            Step::Protect(a, b) => {
                self.apart.insert(ordered(a, b));
                None
            }
            Step::Unprotect(a, b) => {
                self.apart.remove(&ordered(a, b));
                Some(true)
            }
        }
    }
}

struct Tried {
    identities: Identities,
    patients: Vec<PatientId>,
    _folder: tempfile::TempDir,
}

impl Tried {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let code_sets = Arc::new(Config::default().code_sets().unwrap());
        let store = Index::sqlite(&folder.path().join("index.db"), code_sets).unwrap();
        let authority = Oid::parse(NHS_NUMBER).unwrap();
        let domain = AffinityDomain { namespace: "NHS".to_owned(), authority, local: Vec::new() };
        let identities = Identities {
            store: Arc::new(store),
            policy: IdentityPolicy { domain, sources: Vec::new(), local: Vec::new() },
            patients: Patients::Development,
            known_patients: KnownPatients::Any,
            clock: Clock::fixed(tests::START.parse().unwrap()),
        };
        let numbers = (999_000_001..).filter_map(NhsNumber::from_first_nine).take(PATIENTS);
        Self { identities, patients: numbers.map(PatientId::Nhs).collect(), _folder: folder }
    }

    async fn take(&self, step: &Step, number: usize) -> bool {
        let patient = |n: usize| self.patients[n].clone();
        let request = match *step {
            Step::Merge(a, b) => {
                let (subsumed, surviving) = (patient(a), patient(b));
                let message_id = number.to_string();
                let message = MergeMessage { source: "model".to_owned(), message_id };
                IdentityRequest::Merge { surviving, subsumed, message }
            }
            Step::Unmerge(a) => IdentityRequest::Unmerge(patient(a)),
            Step::Freeze(a) => IdentityRequest::Freeze(patient(a)),
            Step::Unfreeze(a) => IdentityRequest::Unfreeze(patient(a)),
            Step::Protect(a, b) => IdentityRequest::Protect(patient(a), patient(b)),
            Step::Unprotect(a, b) => IdentityRequest::Unprotect(patient(a), patient(b)),
        };
        match change(&self.identities, &request).await {
            Ok(()) => true,
            Err(IdentityError::Refused(_)) => false,
            Err(IdentityError::Store(error)) => panic!("{step:?}: {error}"),
        }
    }

    /// The merges that stand, one step each.
    async fn merges(&self) -> [Option<usize>; PATIENTS] {
        let mut into = [None; PATIENTS];
        let place = |id: &PatientId| self.patients.iter().position(|known| known == id).unwrap();
        for patient in &self.patients {
            for merge in self.identities.store.chain(patient).await.unwrap().merges {
                into[place(&merge.subsumed)] = Some(place(&merge.surviving));
            }
        }
        into
    }

    async fn agrees(&self, model: &Model) {
        assert_eq!(self.merges().await, model.into);
        for (n, patient) in self.patients.iter().enumerate() {
            let keys = self.identities.store.keys_of(patient).await.unwrap();
            let found: BTreeSet<usize> = keys
                .iter()
                .map(|key| {
                    let same = |known: &PatientId| known.nhs_number().map(NhsNumber::key);
                    self.patients.iter().position(|known| same(known) == Some(*key)).unwrap()
                })
                .collect();
            let wanted = if model.end(n) == n { model.together(n) } else { BTreeSet::new() };
            assert_eq!(found, wanted, "what a query on patient {n} finds");
        }
        for (a, b) in &model.apart {
            assert_ne!(model.end(*a), model.end(*b), "two who must never be linked are");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn merges_agree_with_a_model_whatever_the_order(steps in proptest::collection::vec(step(), 1..24)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let tried = Tried::new();
            for patient in &tried.patients {
                change(&tried.identities, &IdentityRequest::Add(patient.clone())).await.unwrap();
            }
            let mut model = Model::default();
            for (number, step) in steps.iter().enumerate() {
                let expected = model.allows(step);
                let done = tried.take(step, number).await;
                if let Some(expected) = expected {
                    assert_eq!(done, expected, "{step:?}");
                } else {
                    let before = model.into;
                    model.into = tried.merges().await;
                    let undone = (0..PATIENTS).filter(|n| before[*n] != model.into[*n]).count();
                    assert!(done && undone <= 1, "protecting undoes one merge at most");
                }
                tried.agrees(&model).await;
            }
        });
    }
}

#[test]
fn merges_that_are_asked_for_at_once_never_make_a_circle() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let tried = Arc::new(Tried::new());
        for patient in &tried.patients {
            change(&tried.identities, &IdentityRequest::Add(patient.clone())).await.unwrap();
        }
        let all = (0..PATIENTS).map(|n| {
            let tried = tried.clone();
            tokio::spawn(async move { tried.take(&Step::Merge(n, (n + 1) % PATIENTS), n).await })
        });
        for one in all.collect::<Vec<_>>() {
            one.await.unwrap();
        }
        let model = Model { into: tried.merges().await, ..Model::default() };
        assert!(model.into.iter().any(Option::is_none), "somebody stands at the end");
        tried.agrees(&model).await;
    });
}
