//! Counting without names: words become small numbers, questions, documents and patients are
//! counted each once.

use super::report::Counts;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// Each value once, under a number.
pub(super) struct Numbers<T> {
    known: HashMap<T, u32>,
    values: Vec<T>,
}

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Self { known: HashMap::new(), values: Vec::new() }
    }
}

impl<T: Clone + Eq + Hash> Numbers<T> {
    pub fn of(&mut self, value: &T) -> u32 {
        if let Some(number) = self.known.get(value) {
            return *number;
        }
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.known.insert(value.clone(), number);
        self.values.push(value.clone());
        number
    }

    /// The value of a number that [`Numbers::of`] has given.
    pub fn value(&self, number: u32) -> Option<&T> {
        self.values.get(number as usize)
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }
}

/// Questions, documents and patients behind one line of the report.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// The newest question counted; questions come one after the other.
    last: Option<u64>,
    questions: u64,
    opened: HashSet<u32>,
    documents: HashSet<u32>,
    patients: HashSet<u32>,
}

impl Tally {
    /// One decision of a question; `opened` where its document was to be handed out.
    pub fn add(&mut self, question: u64, document: u32, patient: Option<u32>, opened: bool) {
        self.question(question, patient);
        self.documents.insert(document);
        if opened {
            self.opened.insert(document);
        }
    }

    /// A question without decisions.
    pub fn question(&mut self, question: u64, patient: Option<u32>) {
        if self.last != Some(question) {
            self.last = Some(question);
            self.questions += 1;
        }
        self.patients.extend(patient);
    }

    pub fn counts(&self) -> Counts {
        Counts {
            questions: self.questions,
            documents: self.documents.len() as u64,
            patients: self.patients.len() as u64,
            opened: self.opened.len() as u64,
        }
    }
}
