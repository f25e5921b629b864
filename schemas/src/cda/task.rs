//! Letters that ask for something: actions from the section "Plan and requested actions", as list
//! items, rows of a table or coded requests. There is no national XML for them, so labels inside a
//! text are read too: `Check U&E. For: GP. Due: 1 Feb 2026. Priority: urgent`.

mod date;
mod labelled;

use super::HL7;
use super::header::Coded;
use super::read::coded;
use super::text::plain;
use super::warning::{CdaWarning, note};
use super::{headings, slot};
use crate::dtm::Dtm;
use crate::metadata::Code;
use crate::wire::Slot;
use crate::xml::Element;
use labelled::Column;

const ACTIONS_MAX: usize = 20;
/// Characters of one action's text.
const TEXT_MAX: usize = 500;
/// What an action says that nobody could read.
const UNREADABLE: &str = "Action required";

/// Somebody is asked to do something.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Action {
    pub text: String,
    /// A role, person or organisation, as the letter names it.
    pub addressee: Option<String>,
    pub due: Option<Dtm>,
    pub priority: Option<String>,
    pub status: Option<String>,
}

impl std::fmt::Debug for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Action(***, due {:?})", self.due)
    }
}

pub(super) use headings::is_plan;

/// Appends the actions of a plan's section. A section that says something of which no action can be
/// made is one action without addressee or date: it is never dropped.
pub(super) fn read(
    section: Element<'_>,
    actions: &mut Vec<Action>,
    warnings: &mut Vec<CdaWarning>,
) {
    let before = actions.len();
    let mut said = false;
    let mut places = vec![(section, None)];
    // Sections inside it are addressees: "GP", "Hospital". Depth first, in document order.
    while let Some((place, addressee)) = places.pop() {
        said |= of_section(place, addressee.as_deref(), actions);
        let nested: Vec<_> = place
            .children_named(HL7, "component")
            .flat_map(|component| component.children_named(HL7, "section"))
            .map(|section| (section, section.child(HL7, "title").map(|title| plain(title, 100))))
            .collect();
        places.extend(nested.into_iter().rev());
    }
    if said && actions.len() == before {
        note(warnings, CdaWarning::ActionUnreadable);
        actions.push(Action { text: UNREADABLE.to_owned(), ..Action::default() });
    }
    if actions.len() > ACTIONS_MAX {
        note(warnings, CdaWarning::TooMany);
        actions.truncate(ACTIONS_MAX);
    }
}

/// Whether the section itself says anything.
fn of_section(section: Element<'_>, addressee: Option<&str>, actions: &mut Vec<Action>) -> bool {
    let mut found = Vec::new();
    let mut said = false;
    for entry in section.children_named(HL7, "entry").take(ACTIONS_MAX * 2) {
        said = true;
        found.extend(entry.children().find_map(request));
    }
    // Coded requests and the text beside them say the same: the codes are the better reading.
    if let Some(text) = section.child(HL7, "text").filter(|_| found.is_empty()) {
        let whole = plain(text, TEXT_MAX);
        said |= labelled::says_something(&whole);
        found = of_text(text, &whole);
    }
    for mut action in found.into_iter().take(ACTIONS_MAX + 1) {
        action.addressee = action.addressee.or_else(|| addressee.map(str::to_owned));
        actions.push(action);
    }
    said
}

/// Items of lists, else rows of tables, else paragraphs, else the whole.
fn of_text(text: Element<'_>, whole: &str) -> Vec<Action> {
    let named = |name: &'static str| text.descendants().filter(move |e| e.is(HL7, name));
    let items: Vec<Action> = named("item")
        .take(ACTIONS_MAX + 1)
        .filter_map(|item| labelled::action(&plain(item, TEXT_MAX)))
        .collect();
    if !items.is_empty() {
        return items;
    }
    let rows: Vec<Action> = named("table").flat_map(table).take(ACTIONS_MAX + 1).collect();
    if !rows.is_empty() {
        return rows;
    }
    let paragraphs: Vec<Action> = named("paragraph")
        .take(ACTIONS_MAX + 1)
        .filter_map(|paragraph| labelled::action(&plain(paragraph, TEXT_MAX)))
        .collect();
    if !paragraphs.is_empty() {
        return paragraphs;
    }
    labelled::action(whole).into_iter().collect()
}

/// Rows under headings that name an action's parts.
fn table(table: Element<'_>) -> Vec<Action> {
    let rows: Vec<Element<'_>> =
        table.descendants().filter(|e| e.is(HL7, "tr")).take(200).collect();
    let cells = |row: Element<'_>| -> Vec<String> {
        let cells = row.children().filter(|e| e.is(HL7, "td") || e.is(HL7, "th"));
        cells.take(20).map(|cell| plain(cell, TEXT_MAX)).collect()
    };
    let Some((head, rows)) = rows.split_first() else { return Vec::new() };
    let columns: Vec<Option<Column>> = cells(*head).iter().map(|c| Column::of_heading(c)).collect();
    if !columns.contains(&Some(Column::Action)) {
        return Vec::new();
    }
    let read = |row: &Element<'_>| {
        let mut action = Action::default();
        for (cell, column) in cells(*row).iter().zip(&columns) {
            column.iter().for_each(|column| column.put(&mut action, cell));
        }
        labelled::says_something(&action.text).then_some(action)
    };
    rows.iter().filter_map(read).collect()
}

/// A statement in a mood that asks: request, intent, promise, proposal, appointment request.
fn request(element: Element<'_>) -> Option<Action> {
    let asks = ["RQO", "INT", "PRMS", "PRP", "ARQ"];
    asks.contains(&element.attr("moodCode")?).then_some(())?;
    let code = element.child(HL7, "code").and_then(coded);
    let text = element.child(HL7, "text").map(|text| plain(text, TEXT_MAX));
    let named = |code: Coded| code.display.unwrap_or(code.code);
    let text = text.filter(|text| !text.is_empty()).or_else(|| code.map(named));
    let time = element.child(HL7, "effectiveTime");
    let bound = |name| time.and_then(|time| time.child(HL7, name));
    let mut times = time.into_iter().chain(bound("high")).chain(bound("low"));
    let due = times.find_map(|time| Dtm::from_cda(time.attr("value")?).ok());
    let coded_text = |name| element.child(HL7, name).and_then(coded).map(named);
    let performer = element.path(HL7, &["performer", "assignedEntity"]);
    let organisation = performer.and_then(|e| e.path(HL7, &["representedOrganization", "name"]));
    let person = performer.and_then(|e| e.path(HL7, &["assignedPerson", "name"]));
    let addressee = person.or(organisation).map(|name| plain(name, 100));
    Some(Action {
        text: text.unwrap_or_else(|| UNREADABLE.to_owned()),
        addressee: addressee.filter(|name| !name.is_empty()),
        due,
        priority: coded_text("priorityCode"),
        status: coded_text("statusCode"),
    })
}

/// The event of a document with actions.
pub(super) fn event(actions: &[Action]) -> Option<Code> {
    let code = || Code::new(slot::ACTION_EVENT, slot::ACTION_EVENT_SCHEME, UNREADABLE);
    (!actions.is_empty()).then(code)
}

/// Three slots with as many values each: texts, addressees and dates, `-` where there is none.
pub(super) fn slots(actions: &[Action]) -> Vec<Slot> {
    if actions.is_empty() {
        return Vec::new();
    }
    let slot = |name: &str, value: fn(&Action) -> Option<String>| {
        let values = actions.iter().map(|action| value(action).unwrap_or_else(|| "-".to_owned()));
        Slot { name: name.to_owned(), values: values.collect() }
    };
    vec![
        slot(slot::ACTION, |action| Some(action.text.clone())),
        slot(slot::ACTION_FOR, |action| action.addressee.clone()),
        slot(slot::ACTION_DUE, |action| action.due.as_ref().map(ToString::to_string)),
    ]
}

#[cfg(test)]
mod tests;
