//! Answers kept for a while, a bounded number of them: one patient's letters come together.

use super::{Trace, TraceOutcome};
use async_trait::async_trait;
use jiff::Timestamp;
use node::clock::Clock;
use schemas::demographics::Demographics;
use schemas::nhs_number::NhsNumber;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// A question as its digest: the cache holds no demographics beyond the answers.
type Question = [u8; 32];

/// A service with the answers it gave; what it could not answer is asked again.
pub struct Cached<T> {
    service: T,
    clock: Clock,
    seconds: i64,
    answers_max: usize,
    answers: Mutex<Answers>,
}

#[derive(Default)]
struct Answers {
    kept: HashMap<Question, (Timestamp, TraceOutcome)>,
    /// Oldest first.
    order: VecDeque<Question>,
}

impl<T: Trace> Cached<T> {
    pub fn new(service: T, clock: Clock, seconds: u32, answers_max: usize) -> Self {
        let seconds = i64::from(seconds);
        Self { service, clock, seconds, answers_max, answers: Mutex::default() }
    }

    fn known(&self, question: &Question) -> Option<TraceOutcome> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, outcome) = answers.kept.get(question)?;
        let age = self.clock.now().as_second() - at.as_second();
        (0..self.seconds).contains(&age).then(|| outcome.clone())
    }

    fn keep(&self, question: Question, outcome: &TraceOutcome) {
        if self.answers_max == 0 || matches!(outcome, TraceOutcome::Unavailable(_)) {
            return;
        }
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.kept.insert(question, (self.clock.now(), outcome.clone())).is_none() {
            answers.order.push_back(question);
        }
        while answers.order.len() > self.answers_max {
            if let Some(oldest) = answers.order.pop_front() {
                answers.kept.remove(&oldest);
            }
        }
    }
}

fn question(kind: &str, number: Option<NhsNumber>, person: &Demographics) -> Question {
    let mut digest = Sha256::new();
    let mut add = |text: &str| {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    };
    add(kind);
    add(&number.map(NhsNumber::digits).unwrap_or_default());
    for name in &person.names {
        add(&name.family);
        add(&name.given.join(" "));
    }
    add(&person.birth_date.map(|date| date.digits()).unwrap_or_default());
    add(person.sex.map_or("", |sex| sex.nhs()));
    add(person.postcode.as_deref().unwrap_or_default());
    digest.finalize().into()
}

#[async_trait]
impl<T: Trace> Trace for Cached<T> {
    async fn verify(&self, number: NhsNumber, person: &Demographics) -> TraceOutcome {
        let question = question("verify", Some(number), person);
        if let Some(known) = self.known(&question) {
            return known;
        }
        let outcome = self.service.verify(number, person).await;
        self.keep(question, &outcome);
        outcome
    }

    async fn find(&self, person: &Demographics) -> TraceOutcome {
        let question = question("find", None, person);
        if let Some(known) = self.known(&question) {
            return known;
        }
        let outcome = self.service.find(person).await;
        self.keep(question, &outcome);
        outcome
    }

    async fn details(&self, number: NhsNumber, person: &Demographics) -> TraceOutcome {
        let question = question("details", Some(number), person);
        if let Some(known) = self.known(&question) {
            return known;
        }
        let outcome = self.service.details(number, person).await;
        self.keep(question, &outcome);
        outcome
    }
}
