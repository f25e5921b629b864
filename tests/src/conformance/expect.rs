//! Whether an answer is what a case expects. Each text returned is one thing that it is not.

mod objects;

pub use objects::{attribute, content};

use super::answer::{Answer, Found};
use super::case::{Expect, OneOf, Step};
use super::message::Outgoing;
use super::run::answer_action;

/// Status, error codes, faults: what is known without looking at objects.
pub fn verdict(expect: &Expect, answer: &Answer) -> Vec<String> {
    let mut failures = Vec::new();
    if !expect.http.is_empty() && !expect.http.contains(&answer.http) {
        failures.push(format!("expected HTTP {:?}", expect.http));
    }
    if let Some(fault) = &expect.fault {
        let fits = |wanted: &String| {
            !answer.fault.is_empty() && (wanted == "any" || answer.fault.starts_with(wanted))
        };
        if !fault.all().iter().any(fits) {
            failures.push(format!("expected a fault {}", either(fault)));
        }
        return failures;
    }
    if let Some(ack) = &expect.ack {
        if !ack.accepts(&answer.ack) {
            failures.push(format!("expected the acknowledgement {}", either(ack)));
        }
        return failures;
    }
    let refused = expect.error.is_some() || !expect.errors.is_empty();
    let only_http = !expect.http.is_empty() && expect.status.is_none() && !refused;
    if only_http || !failures.is_empty() {
        return failures;
    }
    let status = match &expect.status {
        Some(status) => status.clone(),
        None if refused => OneOf::One("Failure".to_owned()),
        None => OneOf::One("Success".to_owned()),
    };
    if !status.accepts(&answer.status) {
        failures.push(format!("expected {}", either(&status)));
    }
    failures.extend(errors(expect, answer));
    failures
}

fn either(any: &OneOf) -> String {
    any.all().join(" or ")
}

fn errors(expect: &Expect, answer: &Answer) -> Vec<String> {
    let mut failures = Vec::new();
    let coded = |wanted: &dyn Fn(&str) -> bool, warning: bool| {
        answer.errors.iter().any(|error| error.is_warning() == warning && wanted(&error.code))
    };
    if let Some(error) = &expect.error
        && !coded(&|code| error.accepts(code), false)
    {
        failures.push(format!("expected the error {}", either(error)));
    }
    for code in &expect.errors {
        if !coded(&|found| found == code, false) {
            failures.push(format!("expected the error {code}"));
        }
    }
    if let Some(warning) = &expect.warning
        && !coded(&|code| warning.accepts(code), true)
    {
        failures.push(format!("expected the warning {}", either(warning)));
    }
    failures
}

/// What is true of every answer, whatever was asked (ITI TF-2 Appendix V, TF-3 4.2.4).
pub fn shape(
    expect: &Expect,
    step: &Step,
    transaction: &str,
    outgoing: &Outgoing,
    answer: &Answer,
) -> Vec<String> {
    let mut failures = Vec::new();
    if answer.envelope.is_empty() {
        return failures;
    }
    let sent = &outgoing.message_id;
    // A fault about the envelope itself may not know the MessageID.
    let told = answer.fault.is_empty() || !answer.relates_to.is_empty();
    if told && !sent.is_empty() && answer.relates_to != *sent {
        failures.push(format!("RelatesTo is {:?}, not the MessageID", answer.relates_to));
    }
    if !answer.fault.is_empty() {
        return failures;
    }
    let action = answer_action(transaction);
    if answer.action != action {
        failures.push(format!("the answer's Action is {:?}, not {action:?}", answer.action));
    }
    if answer.http != 200 {
        failures.push(format!("HTTP {} with an answer that is no fault", answer.http));
    }
    let sent_mtom = outgoing.content_type.to_lowercase().starts_with("multipart");
    let wanted = expect.packaging.as_deref().unwrap_or(if sent_mtom { "mtom" } else { "simple" });
    if (wanted == "mtom") != answer.mtom {
        failures.push(format!("the answer is not packed as {wanted}, as its request was"));
    }
    failures.extend(response(transaction, answer));
    failures.extend(answer.objects.iter().flat_map(|object| object_shape(step, object)));
    failures
}

fn response(transaction: &str, answer: &Answer) -> Vec<String> {
    let mut failures = Vec::new();
    let serious = answer.errors.iter().filter(|error| !error.is_warning()).count();
    match answer.status.as_str() {
        "Success" if serious > 0 => failures.push("Success with errors".to_owned()),
        "Failure" if serious == 0 => failures.push("Failure without an error".to_owned()),
        "Failure" if !answer.objects.is_empty() => failures.push("Failure with objects".to_owned()),
        "PartialSuccess" if serious == 0 => {
            failures.push("PartialSuccess without an error".to_owned());
        }
        "PartialSuccess" if !["ITI-18", "ITI-43", "ITI-86"].contains(&transaction) => {
            failures.push(format!("PartialSuccess in {transaction}"));
        }
        _ => {}
    }
    for error in &answer.errors {
        if error.code.is_empty() || error.context.is_empty() || error.severity.is_empty() {
            failures.push(format!("an error lacks code, context or severity: {error:?}"));
        }
        if error.code.contains(':') {
            failures.push(format!("errorCode {:?} is not bare", error.code));
        }
    }
    failures
}

fn object_shape(step: &Step, object: &Found) -> Vec<String> {
    let mut failures = Vec::new();
    let id = object.one("id");
    if !id.starts_with("urn:uuid:") {
        failures.push(format!("{} has the id {id:?}", object.kind));
    }
    let reference = object.kind == "ObjectRef";
    if reference != (step.returns == "ObjectRef") {
        failures.push(format!("{} in an answer of {:?}", object.kind, step.returns));
    }
    if reference {
        return failures;
    }
    if object.one("status").is_empty() {
        failures.push(format!("{} {id} has no availabilityStatus", object.kind));
    }
    if object.kind == "RegistryPackage" {
        failures.push(format!("{id} is marked neither as SubmissionSet nor as Folder"));
    }
    if let Some(part) = object.incomplete.first() {
        failures.push(format!("{} {id} has a {part}", object.kind));
    }
    failures
}
