//! Actions in every form that they are read from.

use super::super::sample;
use super::*;

const UK: &str = "2.16.840.1.113883.2.1.3.2.4.15";

fn read_section(inside: &str) -> (Vec<Action>, Vec<CdaWarning>) {
    let header = sample::with_body(&format!(
        "<structuredBody><component><section><code code='887201000000105' codeSystem='{UK}'/>\
         <title>Plan and requested actions</title>{inside}</section></component></structuredBody>"
    ));
    (header.body.actions, header.warnings)
}

fn action(text: &str, addressee: &str, due: &str, priority: &str, status: &str) -> Action {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Action {
        text: text.to_owned(),
        addressee: some(addressee),
        due: Dtm::parse(due).ok(),
        priority: some(priority),
        status: some(status),
    }
}

#[test]
fn a_list_item_is_an_action_with_its_parts() {
    let (actions, _) = read_section(
        "<text><list><item>Check U&amp;E. For: GP. Due: 1 Feb 2026; Priority: urgent; Status: requested\
         </item><item>Refer to physiotherapy</item><item>None</item></list></text>",
    );
    assert_eq!(
        actions,
        [
            action("Check U&E", "GP", "20260201", "urgent", "requested"),
            action("Refer to physiotherapy", "", "", "", "")
        ]
    );
}

#[test]
fn labels_are_read_in_any_order_and_case() {
    for text in [
        "Action: Repeat ECG | To: Dr Sample | Due date: 2026-02-01",
        "DUE: 01/02/2026, FOR: Dr Sample, ACTION: Repeat ECG",
        "Repeat ECG; action for: Dr Sample; date due: 01-Feb-2026",
    ] {
        let (actions, _) = read_section(&format!("<text><list><item>{text}</item></list></text>"));
        assert_eq!(actions, [action("Repeat ECG", "Dr Sample", "20260201", "", "")], "{text}");
    }
}

#[test]
fn a_date_in_running_text_is_the_due_date() {
    let (actions, _) = read_section("<text>Please repeat the ECG by 1 February 2026.</text>");
    assert_eq!(actions[0].due, Dtm::parse("20260201").ok());
}

#[test]
fn rows_of_a_table_are_actions() {
    let (actions, _) = read_section(
        "<text><table><thead><tr><th>Action</th><th>Who</th><th>Due</th><th>Notes</th></tr></thead><tbody>\
         <tr><td>Stop aspirin</td><td>GP</td><td>20260201</td><td>x</td></tr>\
         <tr><td>None</td><td/><td/><td/></tr></tbody></table></text>",
    );
    assert_eq!(actions, [action("Stop aspirin", "GP", "20260201", "", "")]);
}

#[test]
fn a_coded_request_is_an_action_and_beats_the_text_beside_it() {
    let (actions, _) = read_section(&format!(
        "<text>Bloods</text><entry><act moodCode='RQO'><code code='26604007' codeSystem='{UK}' \
         displayName='Full blood count'/><statusCode code='active'/><effectiveTime><high value='20260201'/>\
         </effectiveTime><priorityCode code='R' displayName='Routine'/><performer><assignedEntity>\
         <representedOrganization><name>Examplebridge Surgery</name></representedOrganization>\
         </assignedEntity></performer></act></entry>"
    ));
    let expected =
        action("Full blood count", "Examplebridge Surgery", "20260201", "Routine", "active");
    assert_eq!(actions, [expected]);
}

#[test]
fn sections_inside_the_plan_are_addressees() {
    let part = |title: &str, text: &str| {
        format!(
            "<component><section><title>{title}</title><text>{text}</text></section></component>"
        )
    };
    let (actions, _) = read_section(&format!(
        "{}{}{}",
        part("Hospital", "Review in clinic"),
        part("GP", "Check U+E"),
        part("Other", "None")
    ));
    assert_eq!(
        actions,
        [action("Review in clinic", "Hospital", "", "", ""), action("Check U+E", "GP", "", "", "")]
    );
}

#[test]
fn what_cannot_be_read_is_an_action_all_the_same() {
    let picture =
        "<entry><observationMedia><value mediaType='image/png'/></observationMedia></entry>";
    let (actions, warnings) = read_section(picture);
    assert_eq!(actions, [action(UNREADABLE, "", "", "", "")]);
    assert!(warnings.contains(&CdaWarning::ActionUnreadable));
    let (actions, _) =
        read_section("<text><list><item>Call patient. Due: soon</item></list></text>");
    assert_eq!(actions, [action("Call patient", "", "", "", "")], "without a date");
}

#[test]
fn a_plan_of_nothing_asks_for_nothing() {
    for inside in ["", "<text/>", "<text>None</text>", "<text><list><item>Nil</item></list></text>"]
    {
        let (actions, _) = read_section(inside);
        assert!(
            actions.is_empty() && event(&actions).is_none() && slots(&actions).is_empty(),
            "{inside}"
        );
    }
}

#[test]
fn slots_have_as_many_values_each() {
    let actions = [action("A", "GP", "20260201", "", ""), action("B", "", "", "", "")];
    let values: Vec<Vec<String>> = slots(&actions).into_iter().map(|slot| slot.values).collect();
    assert_eq!(values, [vec!["A", "B"], vec!["GP", "-"], vec!["20260201", "-"]]);
    assert_eq!(event(&actions).unwrap().code, "urn:watling:action");
}

#[test]
fn more_actions_than_are_indexed_are_said() {
    let items = "<item>Do it</item>".repeat(50);
    let (actions, warnings) = read_section(&format!("<text><list>{items}</list></text>"));
    assert_eq!(actions.len(), ACTIONS_MAX);
    assert!(warnings.contains(&CdaWarning::TooMany));
}
