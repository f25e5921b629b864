//! Who is meant by a party of an agreement, on a day: groups grow by membership, a successor
//! answers for what it has inherited, and who has withdrawn is out.

use super::{Agreement, Membership, Region};
use jiff::civil::Date;
use schemas::ods_code::OdsCode;

/// Longer chains of mergers are a mistake in the file.
const SUCCESSIONS_MAX: usize = 8;

impl Region {
    pub fn membership(&self, ods: &OdsCode) -> Option<&Membership> {
        self.organisation(ods)?.membership.as_ref()
    }

    /// Who answers for what an organisation has published: itself, or since a merger its successor.
    pub fn answers_for<'r>(&'r self, ods: &'r OdsCode, today: Date) -> &'r OdsCode {
        let mut answers = ods;
        for _ in 0..SUCCESSIONS_MAX {
            match self.organisation(answers).and_then(|of| of.successor_on(today)) {
                Some(successor) => answers = successor,
                None => return answers,
            }
        }
        answers
    }

    /// Whether what an organisation has published flows under an agreement: it is named, or in a
    /// group that is named, or that holds for who answers for it; and neither has gone out.
    pub fn is_publisher(&self, agreement: &Agreement, publisher: &OdsCode, today: Date) -> bool {
        let answers = self.answers_for(publisher, today);
        let named =
            |ods: &OdsCode| agreement.publishers.iter().any(|party| self.is_party(party, ods));
        let out =
            |ods: &OdsCode| agreement.exceptions.iter().any(|exception| exception.ods == *ods);
        (named(publisher) || named(answers)) && !out(publisher) && !out(answers)
    }

    /// Whether an organisation may consume under an agreement: a successor must have signed itself.
    pub fn is_consumer(&self, agreement: &Agreement, consumer: &OdsCode) -> bool {
        agreement.consumers.iter().any(|party| self.is_party(party, consumer))
            && !agreement.exceptions.iter().any(|exception| exception.ods == *consumer)
    }

    /// The organisations that a party means today.
    pub fn meant_by<'r>(&'r self, party: &'r str) -> impl Iterator<Item = &'r OdsCode> {
        let codes = self.organisations.iter().map(|organisation| &organisation.ods);
        codes.filter(move |ods| self.is_party(party, ods))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::{
        Exception, Group, Organisation, OrganisationKind, Outside, Signatory, Successor,
    };
    use jiff::civil::date;

    const BEFORE: Date = date(2023, 6, 30);
    const AFTER: Date = date(2023, 7, 1);

    fn ods(code: &str) -> OdsCode {
        OdsCode::parse(code).unwrap()
    }

    /// RVY was merged into RBN on 1 July 2023; RXN stands beside them.
    fn region() -> Region {
        let trust = |code| Organisation::named(ods(code), code, OrganisationKind::Acute);
        let successor = Some(Successor { ods: ods("RBN"), from: Some(AFTER) });
        Region {
            organisations: vec![
                Organisation { successor, ..trust("RVY") },
                trust("RBN"),
                trust("RXN"),
            ],
            groups: vec![Group {
                name: "acute".to_owned(),
                kind: Some(OrganisationKind::Acute),
                members: Vec::new(),
            }],
            ..Region::default()
        }
    }

    fn agreement(publisher: &str) -> Agreement {
        Agreement { publishers: vec![publisher.to_owned()], ..Agreement::default() }
    }

    #[test]
    fn a_successor_answers_from_its_day_on() {
        let region = region();
        assert_eq!(region.answers_for(&ods("RVY"), BEFORE), &ods("RVY"));
        assert_eq!(region.answers_for(&ods("RVY"), AFTER), &ods("RBN"));
        let of_successor = agreement("RBN");
        assert!(!region.is_publisher(&of_successor, &ods("RVY"), BEFORE));
        assert!(region.is_publisher(&of_successor, &ods("RVY"), AFTER));
        assert!(
            region.is_publisher(&agreement("RVY"), &ods("RVY"), AFTER),
            "what it signed stands"
        );
        assert!(!region.is_publisher(&of_successor, &ods("RXN"), AFTER));
    }

    #[test]
    fn who_has_gone_out_is_out_although_its_group_is_a_party() {
        let region = region();
        let signed = Signatory { by: "an office".to_owned(), organisation: ods("RXN"), on: AFTER };
        let out = |code| Exception {
            ods: ods(code),
            is: Outside::Withdrawn,
            signed: signed.clone(),
            reason: String::new(),
        };
        let mut agreement = agreement("group:acute");
        agreement.consumers = vec!["group:acute".to_owned()];
        assert!(region.is_publisher(&agreement, &ods("RXN"), AFTER));
        agreement.exceptions = vec![out("RXN"), out("RBN")];
        assert!(!region.is_publisher(&agreement, &ods("RXN"), AFTER));
        assert!(!region.is_consumer(&agreement, &ods("RXN")));
        assert!(!region.is_publisher(&agreement, &ods("RVY"), AFTER), "its successor is out");
        assert!(region.is_publisher(&agreement, &ods("RVY"), BEFORE));
    }

    #[test]
    fn mergers_in_a_circle_end() {
        let mut region = region();
        region.organisations[1].successor = Some(Successor { ods: ods("RVY"), from: None });
        region.answers_for(&ods("RVY"), AFTER);
    }

    #[test]
    fn both_forms_of_a_successor_and_of_an_office_are_read_and_written_back() {
        let text = "ods = \"RVY\"\nname = \"A\"\nkind = \"acute\"\nsuccessor = \"RBN\"\n[membership]\nsigned_on = \"2016-04-01\"\nsigned_by = \"x\"\nuntil = \"2023-06-30\"\n[membership.evidence]\ncaldicott_guardian = true\nsiro = \"A Director\"\ndpo = { name = \"A Head\", until = \"2027-01-31\" }\n";
        let read: Organisation = toml::from_str(text).unwrap();
        assert_eq!(read.successor_on(BEFORE), None, "without a date: after the last day");
        assert_eq!(read.successor_on(AFTER), Some(&ods("RBN")));
        let evidence = &read.membership.as_ref().unwrap().evidence;
        let shown: Vec<_> = evidence.items().map(|item| (item.shown, item.until)).collect();
        let until = Some(date(2027, 1, 31));
        assert_eq!(shown, [("held", None), ("A Director", None), ("A Head", until)]);
        let again: Organisation = toml::from_str(&toml::to_string(&read).unwrap()).unwrap();
        assert_eq!(again, read);
    }
}
