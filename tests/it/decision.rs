//! The decision of the gateway against a table walk that shares nothing with it but the rules.

mod case;
mod made;
mod matrix;
mod oracle;

use case::{Draw, Question, World};
use gateway::decision::{
    Asker, Denial, EntryView, Moment, PatientFacts, Permit, decide, decide_local, explain,
    may_be_told, standing,
};
use gateway::region::Region;
use oracle::Answer;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher};

const WORLDS: usize = 25_200;
const QUESTIONS: usize = 40;

fn answer(outcome: Result<Permit, Denial>) -> Answer {
    match outcome {
        Ok(permit) => Answer::Permit {
            agreement: permit.agreement().to_owned(),
            basis: permit.basis().name(),
            over_preference: permit.over_preference(),
            broke_glass: permit.broke_glass(),
            index_only: permit.is_index_only(),
        },
        Err(denial) => Answer::Denied(denial.code()),
    }
}

/// What the gateway says to one question.
fn asked(region: &Region, question: &Question) -> [Answer; 3] {
    let asker = made::asker(region, question);
    let facts = made::facts(question);
    let document_type = question.document_type.map(made::document_type);
    let confidentiality = made::confidentiality(question);
    let publisher = question.publisher.map(made::ods);
    let recipients = made::recipients(question);
    let entry = EntryView {
        unique_id: made::UNIQUE_IDS[0],
        publisher_ods: publisher,
        document_type,
        confidentiality: &confidentiality,
        recipients: &recipients,
    };
    let at = made::moment();
    let outcome = decide(region, at, &asker, &facts, &entry);
    explained(region, at, &asker, &facts, &entry, &outcome);
    let local = decide_local(region, at, &asker, &entry);
    let system = if question.registered { "system" } else { "another" };
    let (certificate, acting_for) = (made::ods(question.certificate), made::ods(question.asker));
    let shown = made::shown(question);
    let stood = match standing(region, at, system, certificate, acting_for, &shown) {
        Ok(asker) => Answer::Stands {
            role: asker.role.to_owned(),
            purpose: asker.purpose.to_owned(),
            department: asker.department.clone(),
        },
        Err(denial) => Answer::Denied(denial.code()),
    };
    [answer(outcome), answer(local), stood]
}

/// An explanation says what was decided, and its first refusal is the reason.
fn explained(
    region: &Region,
    at: Moment,
    asker: &Asker<'_>,
    facts: &PatientFacts,
    entry: &EntryView<'_>,
    outcome: &Result<Permit, Denial>,
) {
    let explanation = explain(region, at, asker, facts, entry);
    assert_eq!(&explanation.outcome, outcome);
    let first = explanation.findings.iter().find_map(|finding| finding.denial);
    assert_eq!(first, outcome.as_ref().err().copied());
    for finding in &explanation.findings {
        assert_eq!(finding.denial.is_some(), finding.remedy.is_some());
        assert!(finding.denial.is_none_or(|denial| denial.control() == finding.control));
    }
    let told = may_be_told(region, at, asker, facts, entry);
    assert!(told || outcome.is_err(), "what may be seen may be told");
}

/// One of these, and the same without anything that the disagreement can do without.
fn disagreement(world: &World, question: &Question) -> Option<String> {
    let disagree = |world: &World, question: &Question| {
        asked(&made::region(world), question) != oracle::answers(world, question)
    };
    if !disagree(world, question) {
        return None;
    }
    let (mut world, mut question) = (world.clone(), question.clone());
    while let Some((fewer, less)) =
        case::smaller(&world, &question).into_iter().find(|(w, q)| disagree(w, q))
    {
        (world, question) = (fewer, less);
    }
    let gateway = asked(&made::region(&world), &question);
    let expected = oracle::answers(&world, &question);
    Some(format!(
        "{world:#?}\n{question:#?}\nthe gateway says {gateway:?}\nthe table walk {expected:?}"
    ))
}

/// Runs a share of the worlds and counts each outcome.
fn run(seed: u64, worlds: usize) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for n in 0..worlds {
        let mut draw = Draw::new(seed.wrapping_add(n as u64));
        let world = World::drawn(&mut draw);
        let region = made::region(&world);
        for _ in 0..QUESTIONS {
            let question = Question::drawn(&mut draw, &world);
            let said = asked(&region, &question);
            if said != oracle::answers(&world, &question) {
                let shown = disagreement(&world, &question);
                panic!("seed {}: {}", seed.wrapping_add(n as u64), shown.unwrap_or_default());
            }
            for (what, answer) in ["decide", "local", "standing"].iter().zip(&said) {
                *counts.entry(format!("{what} {}", answer.word())).or_default() += 1;
            }
        }
    }
    counts
}

/// `WATLING_SEED` repeats a run; each run without it draws other cases.
fn seed() -> u64 {
    let named = std::env::var("WATLING_SEED").ok().and_then(|seed| seed.parse().ok());
    let random = || std::collections::hash_map::RandomState::new().build_hasher().finish();
    named.unwrap_or_else(random)
}

#[test]
fn a_million_decisions_agree_with_a_table_walk() {
    let seed = seed();
    println!("WATLING_SEED={seed}");
    let half = WORLDS / 2;
    let other = std::thread::spawn(move || run(seed.wrapping_add(half as u64), WORLDS - half));
    let mut counts = run(seed, half);
    for (word, count) in other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)) {
        *counts.entry(word).or_default() += count;
    }
    for (word, count) in &counts {
        println!("{count:>9} {word}");
    }
    let decided: usize = counts.iter().filter(|(w, _)| w.starts_with("decide")).map(|c| c.1).sum();
    assert!(decided >= 1_000_000, "{decided}");
    for word in oracle::WORDS {
        assert!(counts.get(*word).is_some_and(|count| *count >= 100), "too few of {word}");
    }
}
