//! The whole transition table, and what comes out of order.

use super::*;
use NoticeKind as K;

/// A process that keeps what the decisions say, as a registry would.
#[derive(Clone, Default)]
struct Kept(Vec<Known<usize>>);

impl Kept {
    fn take(&mut self, kind: K, answers: Option<&str>, minute: usize) -> Decision<usize> {
        let key = self.0.len();
        let id = format!("id{key}");
        let given = Dtm::parse(&format!("2026071512{minute:02}")).unwrap();
        let decision = decide(&self.0, &Incoming { kind, id: &id, answers, given: &given });
        for relation in &decision.relations {
            let Relation::Replaces(target) = relation else { continue };
            self.deprecate(*target);
        }
        let answered = decision.relations.iter().find_map(|relation| match relation {
            Relation::Answers(target) => Some(self.0[*target].id.clone()),
            Relation::Replaces(_) => None,
        });
        let answers = answers.map(str::to_owned).or(answered);
        self.0.push(Known {
            key,
            kind,
            id,
            answers,
            live: decision.superseded_by.is_none(),
            given,
        });
        decision
    }

    /// With the answers that belong to it.
    fn deprecate(&mut self, target: usize) {
        self.0[target].live = false;
        let id = self.0[target].id.clone();
        let notice = self.0[target].kind.is_notice();
        let of_it = |k: &&mut Known<usize>| {
            notice && k.kind.accepts().is_some() && k.answers.as_deref() == Some(id.as_str())
        };
        self.0.iter_mut().filter(of_it).for_each(|k| k.live = false);
    }

    fn spelled(&self) -> String {
        let letter = |standing| match standing {
            Standing::Absent => '-',
            Standing::Open => 'o',
            Standing::Accepted => 'a',
            Standing::Rejected => 'r',
        };
        let state = state(&self.0);
        [letter(state.assessment), letter(state.discharge)].iter().collect()
    }

    /// A process in a state, by the shortest way.
    fn in_state(spelled: &str) -> Self {
        let mut kept = Self::default();
        let mut letters = spelled.chars();
        let [assessment, discharge] = [letters.next().unwrap(), letters.next().unwrap()];
        for (letter, notice, accepted, rejected) in [
            (assessment, K::AssessmentNotice, K::AssessmentAcceptance, K::AssessmentRejection),
            (discharge, K::DischargeNotice, K::DischargeAgreement, K::DischargeDisagreement),
        ] {
            if letter != '-' {
                kept.take(notice, None, 1);
            }
            match letter {
                'a' => drop(kept.take(accepted, None, 2)),
                'r' => drop(kept.take(rejected, None, 2)),
                _ => {}
            }
        }
        assert_eq!(kept.spelled(), spelled);
        kept
    }
}

/// Assessment and discharge: `-` absent, `o` open, `a` accepted, `r` rejected.
const STATES: &str = "-- -o -a -r o- oo oa or a- ao aa ar r- ro ra rr";

const TABLE: [(K, &str); 11] = [
    (K::AssessmentNotice, "o- oo oa or o- oo oa or o- oo oa or o- oo oa or"),
    (K::AssessmentAcceptance, "-- -o -a -r a- ao aa ar a- ao aa ar a- ao aa ar"),
    (K::AssessmentRejection, "-- -o -a -r r- ro ra rr r- ro ra rr r- ro ra rr"),
    (K::DischargeNotice, "-o -o -o -o oo oo oo oo ao ao ao ao ro ro ro ro"),
    (K::DischargeAgreement, "-- -a -a -a o- oa oa oa a- aa aa aa r- ra ra ra"),
    (K::DischargeDisagreement, "-- -r -r -r o- or or or a- ar ar ar r- rr rr rr"),
    (K::WithdrawalOfAll, "-- -- -- -- -- -- -- -- -- -- -- -- -- -- -- --"),
    (K::WithdrawalOfDischarge, "-- -- -- -- o- o- o- o- a- a- a- a- r- r- r- r-"),
    (K::WithdrawalOfAssessment, "-- -o -a -r -- -o -a -r -- -o -a -r -- -o -a -r"),
    (K::WithdrawalOfAcceptance, "-- -o -o -r o- oo oo or o- oo oo or r- ro ro rr"),
    (K::WithdrawalOfRejection, "-- -o -a -o o- oo oa oo a- ao aa ao o- oo oa oo"),
];

#[test]
fn every_message_in_every_state_leads_where_the_table_says() {
    for (kind, row) in TABLE {
        for (from, to) in STATES.split(' ').zip(row.split(' ')) {
            let mut kept = Kept::in_state(from);
            let decision = kept.take(kind, None, 9);
            assert_eq!(kept.spelled(), to, "{kind:?} in {from}");
            let idle = from == to && decision.relations.is_empty();
            let answered_again = kind.accepts().is_some();
            assert!(!idle || answered_again || !decision.remarks.is_empty(), "{kind:?} in {from}");
        }
    }
}

#[test]
fn withdrawing_everything_takes_the_place_of_both_notices_and_their_answers_go_with_them() {
    let mut kept = Kept::in_state("ar");
    let decision = kept.take(K::WithdrawalOfAll, None, 9);
    assert_eq!(decision.relations, [Relation::Replaces(0), Relation::Replaces(2)]);
    let live: Vec<_> = kept.0.iter().filter(|k| k.live).map(|k| k.kind).collect();
    assert_eq!(live, [K::WithdrawalOfAll]);
    kept.take(K::AssessmentNotice, None, 10);
    assert_eq!(kept.spelled(), "o-", "a notice after it opens a new process");
}

#[test]
fn the_withdrawal_of_an_answer_opens_its_notice_again_and_no_other() {
    let mut kept = Kept::in_state("aa");
    assert_eq!(kept.0[3].kind, K::DischargeAgreement);
    let decision = kept.take(K::WithdrawalOfAcceptance, Some("id3"), 9);
    assert_eq!(decision.relations, [Relation::Replaces(3)]);
    assert_eq!(kept.spelled(), "ao");
    let decision = kept.take(K::WithdrawalOfAcceptance, Some("id0"), 10);
    assert_eq!(decision.relations, [Relation::Replaces(1)], "by its notice");
    assert_eq!(kept.spelled(), "oo");
}

#[test]
fn a_discharge_notice_without_an_assessment_notice_is_kept_and_said() {
    let mut kept = Kept::default();
    let decision = kept.take(K::DischargeNotice, None, 1);
    assert_eq!(decision.remarks, [Remark::NoAssessmentNotice]);
    assert_eq!(decision.superseded_by, None);
    assert_eq!(kept.spelled(), "-o");
}

#[test]
fn what_comes_late_is_kept_and_changes_nothing() {
    let mut kept = Kept::in_state("o-");
    kept.take(K::WithdrawalOfAll, None, 5);
    let late = kept.take(K::AssessmentNotice, None, 3);
    assert_eq!((late.remarks, late.superseded_by), (vec![Remark::WithdrawnAlready], Some(1)));
    let late = kept.take(K::AssessmentAcceptance, Some("id0"), 4);
    assert_eq!((late.remarks, late.superseded_by), (vec![Remark::NothingToAnswer], None));
    assert_eq!(kept.spelled(), "--");
    kept.take(K::AssessmentNotice, None, 7);
    let late = kept.take(K::WithdrawalOfAll, None, 6);
    assert_eq!(late.remarks, [Remark::OutOfOrder], "it withdrew what stood before");
    assert_eq!(kept.spelled(), "o-");
    kept.take(K::AssessmentAcceptance, None, 9);
    let late = kept.take(K::AssessmentRejection, None, 8);
    assert_eq!((late.remarks, late.superseded_by), (vec![Remark::OutOfOrder], Some(6)));
    assert_eq!(kept.spelled(), "a-");
}

#[test]
fn a_reference_to_what_is_not_known_is_said() {
    let mut kept = Kept::in_state("oo");
    let decision = kept.take(K::AssessmentAcceptance, Some("elsewhere"), 3);
    assert_eq!(decision.remarks, [Remark::UnknownReference]);
    assert_eq!(kept.spelled(), "ao", "the one notice that stands is meant");
}
