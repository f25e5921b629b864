//! The writer, for councils without a system that makes flags.

use super::NAMESPACE;
use super::flag::Flag;
use crate::xml::{attribute, text_element};

impl Flag {
    /// The document; its reader gives the same flag.
    pub fn write(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        out.push_str(&format!("<ChildProtectionFlag xmlns=\"{NAMESPACE}\">"));
        text_element(&mut out, "id", &self.id.to_string().to_uppercase());
        text_element(&mut out, "set", &self.plan.to_string().to_uppercase());
        text_element(&mut out, "versionNumber", &self.version.to_string());
        text_element(&mut out, "recorded", &self.recorded);
        out.push_str("<subject>");
        let subject = &self.subject;
        for (name, text) in [
            ("nhsNumber", &subject.nhs_number),
            ("family", &subject.family),
            ("given", &subject.given),
            ("birthDate", &subject.birth_date.to_string()),
            ("gender", &subject.gender),
        ] {
            text_element(&mut out, name, text);
        }
        out.push_str("</subject><plan");
        attribute(&mut out, "type", self.kind.code());
        attribute(&mut out, "status", self.status.name());
        out.push('>');
        text_element(&mut out, "start", &self.start.to_string());
        if let Some(end) = self.end {
            text_element(&mut out, "end", &end.to_string());
        }
        out.push_str("</plan><council");
        attribute(&mut out, "ods", self.council.as_str());
        out.push('>');
        text_element(&mut out, "name", &self.council_name);
        text_element(&mut out, "telephone", &self.telephone);
        if let Some(telephone) = &self.out_of_hours {
            text_element(&mut out, "outOfHoursTelephone", telephone);
        }
        out.push_str("</council></ChildProtectionFlag>\n");
        out
    }
}
