//! A case run step by step, and all of them side by side.

use super::answer::Answer;
use super::bed::{Bed, Options};
use super::case::{Case, Expect, Http, Step};
use super::compose;
use super::expect;
use super::message::Outgoing;
use super::scope::{Exchange, Scope};
use super::vocabulary;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use toml::{Table, Value};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    Failed,
    Skipped,
}

/// What became of a case, and what shows it.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub case: Arc<Case>,
    pub verdict: Verdict,
    /// For a failure each expectation that was not met, beside what came; otherwise what came last.
    pub evidence: Vec<String>,
    pub took: Duration,
    pub exchanges: Vec<Exchange>,
}

/// Runs the cases, `jobs` at a time, and tells of each as it ends. Answers come in the cases' order.
pub async fn all(
    options: Options,
    cases: Vec<Arc<Case>>,
    tell: impl Fn(&Outcome) + Send + Sync + 'static,
) -> Result<Vec<Outcome>, String> {
    let jobs = options.jobs.max(1);
    let mut bed = Bed::new(options).await?;
    reachable(&bed).await?;
    discover_repository(&mut bed).await;
    let (bed, tell, next) = (Arc::new(bed), Arc::new(tell), Arc::new(AtomicUsize::new(0)));
    let cases: Arc<[Arc<Case>]> = cases.into();
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..jobs {
        let (bed, tell, next, cases) = (bed.clone(), tell.clone(), next.clone(), cases.clone());
        workers.spawn(async move {
            let mut done = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(case) = cases.get(at) else { return done };
                let outcome = one(&bed, case.clone()).await;
                tell(&outcome);
                done.push((at, outcome));
            }
        });
    }
    let mut outcomes = Vec::new();
    while let Some(done) = workers.join_next().await {
        outcomes.extend(done.map_err(|error| format!("a worker ended: {error}"))?);
    }
    outcomes.sort_by_key(|(at, _)| *at);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

/// Both doors answer something; otherwise every case would fail for the same reason.
async fn reachable(bed: &Bed) -> Result<(), String> {
    let mut scope = Scope::new(bed);
    for to in ["registry", "repository"] {
        let http = Http { to: to.to_owned(), ..Http::default() };
        let step = Step { query: "GetDocuments".to_owned(), http, ..Step::default() };
        let outgoing = compose::compose(&mut scope, &step, "ITI-18")?;
        if let Some(client) = &bed.client {
            client.post(&outgoing).await?;
        }
    }
    Ok(())
}

/// Learns the repository's id from a document that it takes. Where it takes none, cases that need
/// the id fail by themselves.
async fn discover_repository(bed: &mut Bed) {
    let found = {
        let mut scope = Scope::new(bed);
        let mut step = Table::new();
        step.insert("send".to_owned(), Value::String("ITI-41".to_owned()));
        let docs = Table::from_iter([("probe".to_owned(), Value::Table(Table::new()))]);
        step.insert("doc".to_owned(), Value::Table(docs));
        match perform(&mut scope, &step).await {
            Ok(failures) if failures.is_empty() => scope
                .registered("probe")
                .await
                .map(|found| found.one("repositoryUniqueId").to_owned()),
            _ => Err(String::new()),
        }
    };
    if let Ok(id) = found
        && !id.is_empty()
    {
        bed.repository_unique_id = id;
    }
}

/// Runs one case to its end or its first step that is not as expected.
pub async fn one(bed: &Bed, case: Arc<Case>) -> Outcome {
    let started = Instant::now();
    let mut scope = Scope::new(bed);
    let mut outcome = Outcome {
        case: case.clone(),
        verdict: Verdict::Passed,
        evidence: Vec::new(),
        took: Duration::ZERO,
        exchanges: Vec::new(),
    };
    if let Some(lacking) = lacking(bed, &case) {
        outcome.verdict = Verdict::Skipped;
        outcome.evidence.push(lacking.to_owned());
        return outcome;
    }
    for (n, step) in case.steps.iter().enumerate() {
        let failures = perform(&mut scope, step).await;
        let failures = failures.unwrap_or_else(|trouble| vec![trouble]);
        if !failures.is_empty() {
            outcome.verdict = Verdict::Failed;
            let what = describe(step);
            outcome.evidence.push(format!("step {} of {}, {what}:", n + 1, case.steps.len()));
            outcome.evidence.extend(failures);
            break;
        }
    }
    if let Some(last) = scope.values.remove(LAST).filter(|_| outcome.verdict == Verdict::Passed) {
        outcome.evidence.push(last);
    }
    for exchange in &mut scope.exchanges {
        exchange.invalid |= case.invalid;
    }
    outcome.exchanges = scope.exchanges;
    outcome.took = started.elapsed();
    outcome
}

/// What a case needs that this run does not have.
fn lacking(bed: &Bed, case: &Case) -> Option<&'static str> {
    let asynchronous =
        |step: &Table| step.get("asynchronous").and_then(Value::as_bool) == Some(true);
    if bed.client.is_none() {
        None
    } else if bed.replies.is_none() && case.steps.iter().any(asynchronous) {
        Some("needs --reply-listen")
    } else if !bed.options.feed && case.needs.iter().any(|tag| tag == "feed") {
        Some("needs --patients feed")
    } else {
        None
    }
}

/// Where the summary of the last answer is kept.
const LAST: &str = " last";

fn describe(step: &Table) -> String {
    let Ok(step) = Step::read(step) else { return String::new() };
    let query = if step.query.is_empty() { String::new() } else { format!(" {}", step.query) };
    let say = if step.say.is_empty() { String::new() } else { format!(" ({})", step.say) };
    format!("{}{query}{say}", step.transaction())
}

/// Performs a step; each returned text is an expectation that was not met.
pub async fn perform(scope: &mut Scope<'_>, table: &Table) -> Result<Vec<String>, String> {
    let mut table = table.clone();
    let raw = Step::read(&table)?;
    if raw.wait > 0.0 && scope.bed.client.is_some() {
        tokio::time::sleep(Duration::from_secs_f64(raw.wait)).await;
    }
    let transaction = raw.transaction().to_owned();
    if transaction.is_empty() {
        return Ok(Vec::new());
    }
    let expect = table.remove("expect");
    let step = prepared(scope, &raw, table, &transaction).await?;
    let outgoing = compose::compose(scope, &step, &transaction)?;
    let answer = scope.exchange(&outgoing, step.invalid).await;
    let answer = match answer {
        Ok(answer) if step.asynchronous => later(scope, &outgoing, &answer).await?,
        Ok(answer) => answer,
        Err(trouble) => return Ok(vec![trouble]),
    };
    scope.values.insert(LAST.to_owned(), answer.summary());
    let expect = expect.and_then(|expect| expect.as_table().cloned()).unwrap_or_default();
    if scope.bed.client.is_none() {
        let expect: Expect = Value::Table(expect).try_into().map_err(|e| format!("{e}"))?;
        for name in expect.capture.keys() {
            scope.values.insert(name.clone(), "20260101000000".to_owned());
        }
        return Ok(Vec::new());
    }
    check(scope, &step, &transaction, &outgoing, &answer, &expect).await
}

/// Placeholders filled in, names looked up, the set named.
async fn prepared(
    scope: &mut Scope<'_>,
    raw: &Step,
    mut table: Table,
    transaction: &str,
) -> Result<Step, String> {
    compose::with_defaults(&mut table);
    let submits = ["ITI-41", "ITI-42", "ITI-57", "ITI-61", "ITI-92"].contains(&transaction);
    if submits {
        let set = compose::declare(scope, raw)?;
        let entry = table.entry("set").or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(entry) = entry {
            entry.insert("name".to_owned(), Value::String(set));
        }
        let patient = if raw.patient.is_empty() { "patient1" } else { &raw.patient };
        table.insert("patient".to_owned(), Value::String(format!("{{{patient}}}")));
    }
    let mut step = Step::read(&scope.filled(&table).await?)?;
    let bases = step.doc.values().chain(step.fol.values());
    let bases: Vec<String> =
        bases.filter_map(|t| t.get("update")?.as_str().map(str::to_owned)).collect();
    let ends = step.assoc.iter().flat_map(|a| [a.from.clone(), a.to.clone()]);
    for name in ends.chain(bases).collect::<Vec<_>>() {
        let here = step.doc.contains_key(&name) || step.fol.contains_key(&name);
        let own = step.set.get("name").and_then(Value::as_str) == Some(name.as_str());
        if scope.objects.contains_key(&name) && !here && !own && !step.more_sets.contains_key(&name)
        {
            scope.identify(&name).await?;
        }
    }
    for id in step.remove.iter_mut().flatten() {
        if id.contains('>') || scope.objects.contains_key(id.as_str()) {
            *id = scope.identify(&id.clone()).await?;
        }
    }
    Ok(step)
}

/// The answer that comes on a connection of its own after 202.
async fn later(
    scope: &mut Scope<'_>,
    outgoing: &Outgoing,
    first: &Answer,
) -> Result<Answer, String> {
    let Some(replies) = &scope.bed.replies else { return Ok(Answer::default()) };
    if ![200, 202, 204].contains(&first.http) || !first.envelope.is_empty() {
        return Err(format!("expected 202 and an empty body, received {}", first.summary()));
    }
    let arrived = replies.wait(&outgoing.message_id, scope.bed.options.timeout).await;
    let incoming = arrived.ok_or("accepted, but no answer came to the reply address")?;
    let answer = Answer::read(&incoming)?;
    if let Some(last) = scope.exchanges.last_mut() {
        last.received = String::from_utf8_lossy(&incoming.body).into_owned();
        answer.envelope.clone_into(&mut last.envelope);
    }
    Ok(answer)
}

async fn check(
    scope: &mut Scope<'_>,
    step: &Step,
    transaction: &str,
    outgoing: &Outgoing,
    answer: &Answer,
    table: &Table,
) -> Result<Vec<String>, String> {
    let raw: Expect = Value::Table(table.clone()).try_into().map_err(|error| format!("{error}"))?;
    let mut failures = expect::verdict(&raw, answer);
    if failures.is_empty() {
        failures = expect::shape(&raw, step, transaction, outgoing, answer);
    }
    if failures.is_empty() {
        let table = scope.filled(table).await?;
        let expect: Expect = Value::Table(table).try_into().map_err(|error| format!("{error}"))?;
        failures = expect::content(scope, &expect, answer).await?;
        for (name, path) in &expect.capture {
            let (object, attribute) = path.split_once('.').unwrap_or((path, "id"));
            let value = expect::attribute(scope, answer, object, attribute)?;
            scope.values.insert(name.clone(), value);
        }
    }
    if failures.is_empty() && answer.status == "Failure" {
        failures = nothing_registered(scope, step, transaction).await?;
    }
    if !failures.is_empty() {
        failures.push(format!("received {}", answer.summary()));
    }
    Ok(failures)
}

/// A refused submission leaves nothing behind (ITI TF-2 3.42.4.1.4): what it brought is not found.
async fn nothing_registered(
    scope: &mut Scope<'_>,
    step: &Step,
    transaction: &str,
) -> Result<Vec<String>, String> {
    if !["ITI-41", "ITI-42", "ITI-61"].contains(&transaction) {
        return Ok(Vec::new());
    }
    let mut ids = Vec::new();
    for (name, table) in &step.doc {
        let known = |key: &str| table.as_table().is_some_and(|table| table.contains_key(key));
        let fresh = !known("uniqueId") && !known("update");
        if let Some(known) = scope.objects.get(name).filter(|_| fresh) {
            ids.push(format!("'{}'", known.unique_id));
        }
    }
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = format!("({})", ids.join(","));
    let answer =
        scope.ask("GetDocuments", "ObjectRef", &[("$XDSDocumentEntryUniqueId", wanted)]).await?;
    if answer.status == "Success" && answer.objects.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![format!("the refused submission left something behind: {}", answer.summary())])
}

/// Every message of a case, composed against nothing.
pub async fn composed(bed: &Bed, case: Arc<Case>) -> Result<Vec<Exchange>, String> {
    debug_assert!(bed.client.is_none());
    let outcome = one(bed, case).await;
    match outcome.verdict {
        Verdict::Failed => Err(outcome.evidence.join(" ")),
        _ => Ok(outcome.exchanges),
    }
}

/// The action of the answer to a transaction.
pub fn answer_action(transaction: &str) -> &'static str {
    vocabulary::transaction(transaction)
        .map_or("urn:hl7-org:v3:MCCI_IN000002UV01", |transaction| transaction.answer)
}
