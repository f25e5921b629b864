//! Every state and every action; who may; two persons; amendments.

use super::*;
use crate::region::{
    DecidesFor, Group, Membership, Operator, Organisation, OrganisationKind, Signatory,
    TypeSelector,
};
use jiff::civil::date;

const TODAY: Date = date(2026, 7, 15);

fn ods(code: &str) -> OdsCode {
    OdsCode::parse(code).unwrap()
}

fn organisation(code: &str, kind: OrganisationKind, member: bool) -> Organisation {
    let membership = Membership { signed_on: date(2020, 1, 1), ..Membership::default() };
    Organisation {
        membership: member.then_some(membership),
        ..Organisation::named(ods(code), code, kind)
    }
}

/// Trusts PUB and PUB2, practice CON, council OUT, practice NEW that has not signed; OPS runs it.
fn region() -> Region {
    use OrganisationKind::{Acute, Commissioner, Council, Practice};
    let mut region = Region {
        organisations: vec![
            organisation("PUB", Acute, true),
            organisation("PUB2", Acute, true),
            organisation("CON", Practice, true),
            organisation("OUT", Council, true),
            organisation("NEW", Practice, false),
            organisation("OPS", Commissioner, true),
        ],
        groups: vec![Group { name: "trusts".to_owned(), kind: Some(Acute), members: Vec::new() }],
        ..Region::default()
    };
    region.policy.operator = Some(Operator { ods: ods("OPS"), decides_for: DecidesFor::Groups });
    region
}

fn agreement(state: State, publishers: &[&str]) -> Agreement {
    Agreement {
        id: "A".to_owned(),
        state,
        publishers: publishers.iter().map(|party| (*party).to_owned()).collect(),
        consumers: vec!["CON".to_owned()],
        document_types: vec![TypeSelector::Group("discharge".to_owned())],
        purposes: vec!["direct-care".to_owned()],
        roles: vec!["clinician".to_owned()],
        starts: date(2026, 1, 1),
        ..Agreement::default()
    }
}

fn actor(by: &str, organisation: &str) -> Actor {
    Actor { by: by.to_owned(), organisation: ods(organisation) }
}

fn why() -> String {
    "because".to_owned()
}

fn request_it() -> Action {
    Action::Request { justification: why(), legal_basis: None, dpia: None }
}

fn suspend_it() -> Action {
    Action::Suspend { reason: why(), clinical_safety_approval: None }
}

fn approve_it() -> Action {
    Action::Approve { reason: String::new() }
}

fn add_type(name: &str) -> Action {
    let add_types = vec![TypeSelector::parse(name)];
    Action::Amend(Changes { add_types, ..Changes::default() })
}

/// What the right actor's action makes of an agreement: its next state, or `None` for a refusal.
fn next(agreement: &Agreement, action: &Action) -> Option<&'static str> {
    let who = match action {
        Action::Request { .. } => "CON",
        _ => "PUB",
    };
    let acted = act(&region(), agreement, action, &actor("A Person", who), TODAY);
    match acted {
        Ok(acted) => Some(acted.agreement.standing(TODAY).name()),
        Err(Refusal::NotInThisState { .. } | Refusal::NotYours { .. }) => None,
        Err(other) => panic!("{:?} in {:?}: {other}", action.name(), agreement.state),
    }
}

#[test]
fn every_action_in_every_state_leads_where_the_table_says() {
    let actions = [
        Action::Offer,
        request_it(),
        approve_it(),
        Action::Refuse { reason: why() },
        suspend_it(),
        Action::Resume { reason: why() },
        add_type("letter"),
        Action::Withdraw { reason: why() },
    ];
    let x = None;
    let table: [(State, [Option<&str>; 8]); 8] = [
        // offer, request, approve, refuse, suspend, resume, amend, withdraw
        (State::Template, [x, x, x, x, x, x, x, x]),
        (
            State::Draft,
            [Some("offered"), Some("requested"), x, x, x, x, Some("draft"), Some("withdrawn")],
        ),
        (State::Offered, [x, Some("requested"), x, x, x, x, Some("offered"), Some("withdrawn")]),
        (
            State::Requested,
            [x, x, Some("in force"), Some("refused"), x, x, Some("requested"), Some("withdrawn")],
        ),
        (State::Refused, [x, Some("requested"), x, x, x, x, x, x]),
        (State::Agreed, [x, x, x, x, Some("suspended"), x, Some("in force"), Some("withdrawn")]),
        (State::Suspended, [x, x, x, x, x, Some("in force"), Some("suspended"), Some("withdrawn")]),
        (State::Withdrawn, [x, x, x, x, x, x, x, x]),
    ];
    assert_eq!(table.map(|(state, _)| state), State::ALL);
    for (state, row) in table {
        for (action, expected) in actions.iter().zip(row) {
            let found = next(&agreement(state, &["PUB"]), action);
            assert_eq!(found, expected, "{} where it is {}", action.name(), state.name());
        }
    }
    let over = Agreement { ends: Some(date(2026, 7, 14)), ..agreement(State::Agreed, &["PUB"]) };
    let ended = actions.iter().map(|action| next(&over, action));
    assert_eq!(Vec::from_iter(ended), [x, x, x, x, x, x, Some("ended"), x], "dates end it too");
    let early = Agreement { starts: date(2026, 8, 1), ..agreement(State::Requested, &["PUB"]) };
    assert_eq!(next(&early, &approve_it()), Some("not started"));
}

#[track_caller]
fn refused(region: &Region, agreement: &Agreement, action: &Action, by: &str) -> Refusal {
    act(region, agreement, action, &actor("A Person", by), TODAY).unwrap_err()
}

#[track_caller]
fn done(region: &Region, agreement: &Agreement, action: &Action, by: &str, of: &str) -> Agreement {
    act(region, agreement, action, &actor(by, of), TODAY).unwrap().agreement
}

#[test]
fn only_the_publisher_decides_on_what_it_publishes() {
    let region = region();
    let asked = agreement(State::Requested, &["PUB"]);
    for other in ["CON", "OUT", "PUB2", "OPS"] {
        let refusal = refused(&region, &asked, &approve_it(), other);
        assert!(matches!(refusal, Refusal::NotYours { .. }), "{other}: {refusal}");
        assert!(refusal.to_string().contains("that is for PUB"), "{refusal}");
    }
    let unsigned = Agreement { publishers: vec!["NEW".to_owned()], ..asked.clone() };
    let refusal = refused(&region, &unsigned, &approve_it(), "NEW");
    assert_eq!(refusal, Refusal::NotAMember { actor: ods("NEW") });
    let stranger = refused(&region, &asked, &approve_it(), "ZZZ");
    assert!(matches!(stranger, Refusal::UnknownOrganisation { .. }));
}

#[test]
fn the_operator_decides_for_groups_where_the_framework_says_so() {
    let mut region = region();
    let asked = agreement(State::Requested, &["group:trusts", "PUB2"]);
    let agreed = done(&region, &asked, &approve_it(), "Office", "OPS");
    assert_eq!(
        (&agreed.publishers[..], &agreed.awaiting[..]),
        (&["group:trusts".to_owned()][..], &["PUB2".to_owned()][..])
    );
    region.policy.operator = None;
    let refusal = refused(&region, &asked, &approve_it(), "OPS");
    assert!(matches!(refusal, Refusal::NotYours { .. }));
    let own = done(&region, &asked, &approve_it(), "A Person", "PUB");
    assert_eq!(own.publishers, ["PUB"], "a member signs for itself");
    assert_eq!(own.awaiting, ["group:trusts", "PUB2"]);
    let no = Action::Refuse { reason: why() };
    let without = done(&region, &asked, &no, "A Person", "PUB");
    assert_eq!((without.state, without.exceptions.len()), (State::Requested, 1));
    assert!(!region.is_publisher(&without, &ods("PUB"), TODAY), "one of a group has refused");
}

#[test]
fn documents_of_a_publisher_flow_once_it_has_decided_whatever_the_others_do() {
    let region = region();
    let asked = agreement(State::Requested, &["PUB", "PUB2"]);
    let first = done(&region, &asked, &approve_it(), "A Person", "PUB");
    assert!(first.is_in_force(TODAY) && region.is_publisher(&first, &ods("PUB"), TODAY));
    assert!(!region.is_publisher(&first, &ods("PUB2"), TODAY));
    let both = done(&region, &first, &approve_it(), "B Person", "PUB2");
    assert!(both.awaiting.is_empty() && region.is_publisher(&both, &ods("PUB2"), TODAY));
    let no = Action::Refuse { reason: why() };
    let one = done(&region, &first, &no, "B Person", "PUB2");
    assert_eq!((&one.publishers[..], one.awaiting.len()), (&["PUB".to_owned()][..], 0));
}

#[test]
fn a_second_approval_is_another_persons() {
    let mut region = region();
    region.policy.two_person_approval = true;
    let asked = agreement(State::Requested, &["PUB"]);
    let one = done(&region, &asked, &approve_it(), "B Guardian, Caldicott Guardian", "PUB");
    assert_eq!(one.state, State::Requested);
    let again = actor("b  guardian, SIRO", "PUB");
    let refusal = act(&region, &one, &approve_it(), &again, TODAY).unwrap_err();
    assert!(matches!(refusal, Refusal::SamePerson { .. }), "another office, the same person");
    let two = done(&region, &one, &approve_it(), "C Owner, SIRO", "PUB");
    assert!(two.is_in_force(TODAY));
}

#[test]
fn a_high_residual_risk_blocks_approval() {
    let region = region();
    let dpia = |residual_risk| {
        let reference = "DPIA-7".to_owned();
        Some(Dpia { reference, residual_risk, on: None })
    };
    let mut asked = agreement(State::Requested, &["PUB"]);
    asked.dpia = dpia(ResidualRisk::High);
    let refusal = refused(&region, &asked, &approve_it(), "PUB");
    assert_eq!(refusal, Refusal::HighRisk { reference: "DPIA-7".to_owned() });
    asked.dpia = dpia(ResidualRisk::Medium);
    assert!(done(&region, &asked, &approve_it(), "A Person", "PUB").is_in_force(TODAY));
}

#[test]
fn a_secondary_purpose_never_passes_on_an_agreement_for_direct_care() {
    let region = region();
    for (state, action, by) in [
        (State::Draft, Action::Offer, "PUB"),
        (State::Draft, request_it(), "CON"),
        (State::Requested, approve_it(), "PUB"),
    ] {
        let mut mixed = agreement(state, &["PUB"]);
        mixed.purposes.push("research".to_owned());
        let refusal = refused(&region, &mixed, &action, by);
        assert!(matches!(refusal, Refusal::Mixed(_)), "{}: {refusal}", action.name());
        mixed.purposes.remove(0);
        assert!(act(&region, &mixed, &action, &actor("A", by), TODAY).is_ok(), "on its own it may");
    }
}

#[test]
fn one_of_many_suspends_and_withdraws_its_own_part_only() {
    let region = region();
    let many = agreement(State::Agreed, &["group:trusts"]);
    let held = done(&region, &many, &suspend_it(), "A Person", "PUB");
    assert_eq!(held.state, State::Agreed);
    assert!(!region.is_publisher(&held, &ods("PUB"), TODAY));
    assert!(region.is_publisher(&held, &ods("PUB2"), TODAY));
    let resume = Action::Resume { reason: why() };
    assert_eq!(done(&region, &held, &resume, "A Person", "PUB"), many);
    let gone = done(&region, &many, &Action::Withdraw { reason: why() }, "A Person", "PUB");
    assert!(!region.is_publisher(&gone, &ods("PUB"), TODAY));
    assert!(region.is_publisher(&gone, &ods("PUB2"), TODAY));
    let whole = done(&region, &many, &suspend_it(), "Office", "OPS");
    assert_eq!(whole.state, State::Suspended);
    let refusal = refused(&region, &whole, &resume, "PUB");
    assert!(matches!(refusal, Refusal::NotYours { .. }), "the operator has suspended it");
    assert!(done(&region, &whole, &resume, "Office", "OPS").is_in_force(TODAY));
}

#[test]
fn an_amendment_waits_for_signatures_and_the_agreement_stands_meanwhile() {
    let region = region();
    let two = agreement(State::Agreed, &["PUB", "PUB2"]);
    let proposed = done(&region, &two, &add_type("letter"), "A Person", "CON");
    assert_eq!((proposed.is_in_force(TODAY), proposed.document_types.len()), (true, 1));
    assert_eq!(proposed.amendment.as_ref().unwrap().needs, ["PUB", "PUB2"]);
    let pending = refused(&region, &proposed, &add_type("task"), "CON");
    assert!(matches!(pending, Refusal::AmendmentPending(_)));
    let one = done(&region, &proposed, &approve_it(), "A Person", "PUB");
    assert!(one.amendment.is_some() && one.document_types.len() == 1);
    let both = done(&region, &one, &approve_it(), "B Person", "PUB2");
    assert_eq!((both.amendment, both.document_types.len()), (None, 2));
    let no = Action::Refuse { reason: why() };
    let stays = done(&region, &one, &no, "B Person", "PUB2");
    assert_eq!(
        (stays.amendment.is_some(), stays.document_types.len(), stays.is_in_force(TODAY)),
        (false, 1, true)
    );
}

#[test]
fn where_the_framework_says_so_only_those_sign_whom_it_concerns() {
    let mut region = region();
    let one = agreement(State::Agreed, &["PUB"]);
    let add =
        Action::Amend(Changes { add_publishers: vec!["PUB2".to_owned()], ..Changes::default() });
    let all_again = done(&region, &one, &add, "A Person", "PUB");
    assert_eq!(all_again.amendment.unwrap().needs, ["PUB", "PUB2"]);
    region.policy.amend_without_signing_again = true;
    let itself = done(&region, &one, &add, "A Person", "PUB");
    assert_eq!(
        (itself.amendment.is_none(), &itself.awaiting[..]),
        (true, &["PUB2".to_owned()][..])
    );
    assert!(done(&region, &itself, &approve_it(), "B Person", "PUB2").awaiting.is_empty());
    region.organisations[0].publishes = vec![TypeSelector::parse("letter")];
    region.organisations[1].publishes = vec![TypeSelector::parse("flag")];
    let two = agreement(State::Agreed, &["PUB", "PUB2"]);
    let letters = done(&region, &two, &add_type("letter"), "A Person", "CON");
    assert_eq!(letters.amendment.unwrap().needs, ["PUB"], "PUB2 publishes no letters");
    let reader =
        Action::Amend(Changes { add_consumers: vec!["OUT".to_owned()], ..Changes::default() });
    let reader = done(&region, &two, &reader, "A Person", "CON");
    assert_eq!(reader.amendment.unwrap().needs, ["PUB", "PUB2"], "a new reader concerns both");
}

#[test]
fn what_takes_away_holds_at_once_and_nobody_takes_away_from_others() {
    let region = region();
    let mut two = agreement(State::Agreed, &["PUB", "PUB2"]);
    two.consumers.push("OUT".to_owned());
    two.document_types.push(TypeSelector::parse("letter"));
    let less = Changes { remove_types: vec![TypeSelector::parse("letter")], ..Changes::default() };
    let refusal = refused(&region, &two, &Action::Amend(less.clone()), "PUB");
    assert!(refusal.to_string().contains("withdraw or suspend its own part"), "{refusal}");
    let by_operator = done(&region, &two, &Action::Amend(less), "Office", "OPS");
    assert_eq!((by_operator.document_types.len(), by_operator.amendment), (1, None));
    let own = Changes { remove_parties: vec!["PUB".to_owned()], ..Changes::default() };
    let left = done(&region, &two, &Action::Amend(own), "A Person", "PUB");
    assert_eq!(left.publishers, ["PUB2"]);
    let last = Changes { remove_parties: vec!["PUB".to_owned()], ..Changes::default() };
    let one = agreement(State::Agreed, &["PUB"]);
    let refusal = refused(&region, &one, &Action::Amend(last), "PUB");
    assert!(refusal.to_string().contains("withdraw it instead"), "{refusal}");
}

#[test]
fn an_office_alone_is_a_person_too() {
    let signed = |by: &str| Signatory { by: by.to_owned(), organisation: ods("PUB"), on: TODAY };
    assert!(signed("Caldicott Guardian").is_same_person(&signed(" caldicott guardian")));
    assert!(!signed("A One, SIRO").is_same_person(&signed("B Two, SIRO")));
}
