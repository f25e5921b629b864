//! The pages: a form, a receipt, a refusal. They need no script, load nothing and send nothing elsewhere.

use crate::senders::receipt::{Reason, Receipt, Status};
use base64::Engine;
use node::caller::Caller;
use schemas::code_set::DocumentType;
use schemas::described::{FIELDS, Field};
use schemas::xml::escape_into;
use sha2::Digest;

const CSS: &str = include_str!("page.css");

/// Only the style above; forms go to this address only, and nobody frames the page.
pub(super) fn security_policy() -> String {
    let digest = sha2::Sha256::digest(CSS.as_bytes());
    let digest = base64::engine::general_purpose::STANDARD.encode(digest);
    format!(
        "default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    escape_into(&mut out, text);
    out
}

fn frame(title: &str, caller: Option<&Caller>, main: &str) -> String {
    let who = caller.map_or(String::new(), |caller| {
        format!(
            "<span>You are sending for <strong>{}</strong> ({})</span>",
            caller.organisation,
            escaped(&caller.system)
        )
    });
    format!(
        "<!doctype html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n<style>{CSS}</style>\n</head>\n<body>\n<header><strong>Document hub</strong>{who}</header>\n<main>\n{main}\n</main>\n</body>\n</html>\n"
    )
}

/// The heading of a list of mistakes, each a way to its field.
fn mistakes(heading: &str, reasons: &[Reason]) -> String {
    let item = |reason: &Reason| {
        let rule = escaped(&reason.rule);
        match reason.field.as_deref().and_then(known) {
            Some((name, label)) => format!("<li><a href=\"#{name}\">{label}</a>: {rule}</li>"),
            None => format!("<li>{}</li>", escaped(&reason.text())),
        }
    };
    let items: String = reasons.iter().map(item).collect();
    format!(
        "<div class=\"panel bad\" role=\"alert\" aria-labelledby=\"mistakes\" tabindex=\"-1\" autofocus>\n<h2 id=\"mistakes\">{heading}</h2>\n<ul>{items}</ul>\n</div>\n"
    )
}

fn known(name: &str) -> Option<(&'static str, &'static str)> {
    if name == "document" {
        return Some(("document", "Document"));
    }
    FIELDS.iter().find(|field| field.name == name).map(|field| (field.name, field.label))
}

/// The form, with what was filled in before and what is wrong with it.
pub(super) fn form(
    caller: &Caller,
    types: &[DocumentType],
    fields: &[(String, String)],
    reasons: &[Reason],
    receipt: Option<&Receipt>,
) -> String {
    let waiting = receipt.is_some_and(|receipt| receipt.status == Status::Waiting);
    let (title, above) = match reasons {
        [] => ("Send a document", String::new()),
        _ if waiting => (
            "Try again: Send a document",
            mistakes("The hub cannot take the document now. Send it again in a minute.", reasons),
        ),
        _ => (
            "Error: Send a document",
            mistakes(
                "The document was not taken. Put these right, choose the file again and send it",
                reasons,
            ),
        ),
    };
    let shown = Shown { types, fields, reasons };
    let group = |legend: &str, inside: String| {
        format!("<fieldset>\n<legend>{legend}</legend>\n{inside}</fieldset>\n")
    };
    let several = |names: &[&str]| names.iter().map(|name| shown.field(name)).collect::<String>();
    let document = group("Document", shown.file() + &several(&["document_type", "title"]));
    let patient =
        group("Patient", several(&["nhs_number", "family_name", "given_name", "birth_date"]));
    let event = group("Time", several(&["event_date", "written"]));
    let main = format!(
        "{above}<h1>Send a document</h1>\n<p>A PDF, RTF, text or image needs the fields below. A CDA document or an ITK message (XML) speaks for itself: choose it and send it.</p>\n<form method=\"post\" enctype=\"multipart/form-data\" autocomplete=\"off\" novalidate>\n{document}{patient}{event}<button type=\"submit\">Send the document</button>\n</form>"
    );
    frame(title, Some(caller), &main)
}

struct Shown<'a> {
    types: &'a [DocumentType],
    fields: &'a [(String, String)],
    reasons: &'a [Reason],
}

impl Shown<'_> {
    fn value(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value)
    }

    /// The mistake of a field, and the attributes by which it is told.
    fn told(&self, name: &str) -> (String, String) {
        let error = self.reasons.iter().find(|reason| reason.field.as_deref() == Some(name));
        match error {
            Some(reason) => (
                format!(
                    "<span class=\"error\" id=\"{name}-error\">{}</span>",
                    escaped(&reason.rule)
                ),
                format!(" aria-invalid=\"true\" aria-describedby=\"{name}-hint {name}-error\""),
            ),
            None => (String::new(), format!(" aria-describedby=\"{name}-hint\"")),
        }
    }

    fn around(&self, name: &str, label: &str, hint: &str, error: &str, input: &str) -> String {
        format!(
            "<div class=\"field\">\n<label for=\"{name}\">{label}</label>\n<span class=\"hint\" id=\"{name}-hint\">{hint}</span>\n{error}{input}\n</div>\n"
        )
    }

    fn file(&self) -> String {
        let (error, attributes) = self.told("document");
        let input = format!(
            "<input type=\"file\" id=\"document\" name=\"document\" required{attributes} accept=\".pdf,.rtf,.txt,.xml,.png,.jpg,.jpeg,.tif,.tiff\">"
        );
        self.around("document", "File", "PDF, RTF, text, PNG, JPEG, TIFF or XML", &error, &input)
    }

    fn field(&self, name: &str) -> String {
        let Some(field) = FIELDS.iter().find(|field| field.name == name) else {
            return String::new();
        };
        let (error, attributes) = self.told(name);
        let input = match name {
            "document_type" => self.choice(&attributes),
            _ => self.input(field, &attributes),
        };
        let label = match field.required {
            true => field.label.to_owned(),
            false => format!("{} <span class=\"hint\">(may be left out)</span>", field.label),
        };
        self.around(name, &label, hint(name), &error, &input)
    }

    fn input(&self, field: &Field, attributes: &str) -> String {
        let name = field.name;
        let short = matches!(name, "nhs_number" | "birth_date" | "event_date" | "written");
        let class = if short { " class=\"short\"" } else { "" };
        let mode = if name == "nhs_number" { " inputmode=\"numeric\"" } else { "" };
        let required = if field.required { " required" } else { "" };
        format!(
            "<input type=\"text\" id=\"{name}\" name=\"{name}\" value=\"{}\"{class}{mode}{required} spellcheck=\"false\" autocomplete=\"off\"{attributes}>",
            escaped(self.value(name))
        )
    }

    /// Document types by their labels, in groups.
    fn choice(&self, attributes: &str) -> String {
        let mut groups: Vec<&str> = Vec::new();
        for of in self.types.iter().map(|t| t.group.as_str()) {
            if !groups.contains(&of) {
                groups.push(of);
            }
        }
        let chosen = self.value("document_type");
        let option = |t: &DocumentType| {
            let selected = if t.name == chosen { " selected" } else { "" };
            format!("<option value=\"{}\"{selected}>{}</option>", t.name, escaped(&t.label))
        };
        let group = |group: &&str| {
            let options: String =
                self.types.iter().filter(|t| t.group == *group).map(option).collect();
            format!("<optgroup label=\"{}\">{options}</optgroup>", escaped(&capital(group)))
        };
        let groups: String = groups.iter().map(group).collect();
        format!(
            "<select id=\"document_type\" name=\"document_type\" required{attributes}><option value=\"\">Choose a type</option>{groups}</select>"
        )
    }
}

fn hint(name: &str) -> &'static str {
    match name {
        "nhs_number" => "Ten digits, as 999 000 0018",
        "family_name" | "given_name" => "As it stands on the document",
        "birth_date" => "Day, month and year, as 09/03/1948",
        "document_type" => "What kind of document it is",
        "title" => "What readers see first, as Day therapy review",
        "event_date" => "When what it is about took place, as 14/07/2026 or 2026-07-14T15:30",
        "written" => "Today, where it is left out",
        _ => "",
    }
}

/// `end-of-life` as a heading.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(chars).map(|c| if c == '-' { ' ' } else { c }).collect()
}

/// What became of a document that was taken.
pub(super) fn receipt(caller: &Caller, receipt: &Receipt) -> String {
    let good = matches!(receipt.status, Status::Registered | Status::AlreadyRegistered);
    let title = match receipt.status {
        Status::Quarantined => "Document in quarantine",
        Status::AlreadyRegistered => "Document known already",
        Status::Withdrawn | Status::Held => "Withdrawal received",
        _ => "Document registered",
    };
    let list = |heading: &str, of: &[String]| {
        let items: String = of.iter().map(|text| format!("<li>{}</li>", escaped(text))).collect();
        let one = if of.is_empty() { "" } else { heading };
        if one.is_empty() { String::new() } else { format!("<p>{one}</p><ul>{items}</ul>") }
    };
    let reasons: Vec<String> = receipt.reasons.iter().map(Reason::text).collect();
    let to_do: Vec<String> = receipt.what_to_do.iter().map(|text| (*text).to_owned()).collect();
    let number = receipt.quarantine_id.map(|id| ("Quarantine number", id.to_string()));
    let rows = [("Reference", super::reference(receipt)), ("Time", receipt.at.clone())]
        .into_iter()
        .chain(number)
        .chain(receipt.documents.iter().map(|id| ("Document", id.clone())))
        .chain([("Size", format!("{} bytes", receipt.size)), ("SHA-1", receipt.sha1.clone())]);
    let rows: String = rows
        .map(|(name, value)| format!("<dt>{name}</dt><dd><code>{}</code></dd>", escaped(&value)))
        .collect();
    let main = format!(
        "<div class=\"panel {}\" role=\"status\">\n<h1>{title}</h1>\n<p>{}</p>\n{}{}{}</div>\n<dl>{rows}</dl>\n<p><a class=\"button\" href=\"upload\">Send another document</a></p>",
        if good { "good" } else { "bad" },
        receipt.status.says(),
        list("Why:", &reasons),
        list("What to do:", &to_do),
        list("Worth knowing:", &receipt.warnings),
    );
    frame(title, Some(caller), &main)
}

/// For whoever may not send at all.
pub(super) fn refused(reason: &Reason) -> String {
    let main = format!(
        "<h1>Nothing was sent</h1>\n<div class=\"panel bad\" role=\"alert\"><p>{}</p></div>",
        escaped(&reason.text())
    );
    frame("Nothing was sent", None, &main)
}
