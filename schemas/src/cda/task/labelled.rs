//! Parts of an action by their labels: in a text, or over the columns of a table.

use super::{Action, date};

/// A part of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Action,
    Addressee,
    Due,
    Priority,
    Status,
}

/// Labels as they stand before a colon, in lower case.
const LABELS: [(&str, Column); 18] = [
    ("requested action", Column::Action),
    ("action", Column::Action),
    ("task", Column::Action),
    ("action for", Column::Addressee),
    ("addressee", Column::Addressee),
    ("responsible", Column::Addressee),
    ("who", Column::Addressee),
    ("for", Column::Addressee),
    ("to", Column::Addressee),
    ("date due", Column::Due),
    ("due date", Column::Due),
    ("due by", Column::Due),
    ("due", Column::Due),
    ("by", Column::Due),
    ("when", Column::Due),
    ("priority", Column::Priority),
    ("urgency", Column::Priority),
    ("status", Column::Status),
];

impl Column {
    pub(super) fn of_heading(heading: &str) -> Option<Self> {
        let bare = heading.trim().trim_end_matches(':').to_lowercase();
        LABELS.iter().find(|(label, _)| *label == bare).map(|(_, column)| *column)
    }

    pub(super) fn put(self, action: &mut Action, text: &str) {
        let text =
            text.trim_matches(|c: char| c.is_whitespace() || matches!(c, ';' | ',' | '|' | '.'));
        if text.is_empty() {
            return;
        }
        let text = text.to_owned();
        match self {
            Self::Action if action.text.is_empty() => action.text = text,
            Self::Action => action.text = format!("{} {text}", action.text),
            Self::Addressee => action.addressee = Some(text),
            Self::Due => action.due = date::leading(&text),
            Self::Priority => action.priority = Some(text),
            Self::Status => action.status = Some(text),
        }
    }
}

/// Whether a text is more than a blank or "None".
pub(super) fn says_something(text: &str) -> bool {
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    !matches!(bare.as_str(), "" | "none" | "nil" | "n/a" | "na" | "not applicable" | "no actions")
}

/// Reads an action out of one text; `None` where it says nothing.
pub(super) fn action(text: &str) -> Option<Action> {
    let mut action = Action::default();
    let mut column = Column::Action;
    let mut from = 0;
    for (at, end, next) in labels(text) {
        column.put(&mut action, &text[from..at]);
        (column, from) = (next, end);
    }
    column.put(&mut action, &text[from..]);
    if action.due.is_none() {
        action.due = said_in_passing(&action.text);
    }
    says_something(&action.text).then_some(action)
}

/// Labels in a text: where each begins, where it ends, and what it names.
fn labels(text: &str) -> Vec<(usize, usize, Column)> {
    let mut found = Vec::new();
    for (colon, _) in text.match_indices(':') {
        let before = text[..colon].trim_end().to_ascii_lowercase();
        let fits = |label: &str| {
            let rest = before.strip_suffix(label)?;
            (!rest.chars().next_back().is_some_and(char::is_alphanumeric)).then_some(rest.len())
        };
        let fitting = LABELS.iter().filter_map(|(label, column)| Some((fits(label)?, *column)));
        // The longest label is the one that begins first.
        if let Some((at, column)) = fitting.min_by_key(|(at, _)| *at) {
            found.push((at, colon + 1, column));
        }
    }
    found
}

/// "... by 1 February 2026" in running text.
fn said_in_passing(text: &str) -> Option<crate::dtm::Dtm> {
    let lower = text.to_ascii_lowercase();
    let mut found = [" by ", " before ", " due ", " due on ", " no later than "]
        .iter()
        .flat_map(|word| lower.match_indices(word).map(|(at, word)| at + word.len()));
    found.find_map(|at| date::leading(&text[at..]))
}
