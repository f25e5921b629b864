//! The corpus of forgeries: each a text with the refusal that it must get, made anew for an RSA and an
//! ECDSA issuer.

use super::bed::{Bed, EC, RSA, presented};
use super::forged;
use node::xua::Presented;
use std::collections::BTreeSet;
use tests::saml::{Authority, Claims, Signing, envelope};

/// A forged envelope and the word it is refused with.
pub struct Forgery {
    pub name: String,
    pub text: String,
    pub refusal: &'static str,
    pub presented: Presented,
}

/// What forgeries of one issuer are made from.
pub struct Forge<'b> {
    pub bed: &'b Bed,
    pub authority: &'b Authority,
    pub made: Vec<Forgery>,
}

impl<'b> Forge<'b> {
    fn new(bed: &'b Bed, authority: &'b Authority) -> Self {
        Self { bed, authority, made: Vec::new() }
    }

    pub fn signing(&self) -> Signing<'b> {
        Signing::by(self.authority)
    }

    /// Claims of an assertion that nobody has used.
    pub fn claims(&self) -> Claims {
        Claims::new(&format!("_f{}", self.made.len()), &self.authority.name)
    }

    /// The next forgery, whole.
    pub fn envelope(&mut self, refusal: &'static str, name: &str, text: String) {
        self.shown(refusal, name, text, presented());
    }

    pub fn shown(&mut self, refusal: &'static str, name: &str, text: String, by: Presented) {
        let name = format!("{name} of {}", self.authority.name);
        self.made.push(Forgery { name, text, refusal, presented: by });
    }

    /// One whose `wsse:Security` holds this.
    pub fn security(&mut self, refusal: &'static str, name: &str, inner: &str) {
        self.envelope(refusal, name, envelope(inner));
    }

    /// Validly signed over content that an issuer should not have written.
    pub fn sealed(&mut self, refusal: &'static str, name: &str, change: impl Fn(&str) -> String) {
        let text = self.claims().text();
        let changed = change(&text);
        assert_ne!(text, changed, "{name} changes nothing");
        self.security(refusal, name, &self.signing().sign(&changed));
    }

    /// Changed after it was signed.
    pub fn tampered(&mut self, refusal: &'static str, name: &str, change: impl Fn(&str) -> String) {
        let signed = self.signing().sign(&self.claims().text());
        let changed = change(&signed);
        assert_ne!(signed, changed, "{name} changes nothing");
        self.security(refusal, name, &changed);
    }

    /// Signed in another way than is allowed.
    pub fn signed(&mut self, refusal: &'static str, name: &str, signing: &Signing<'_>) {
        self.security(refusal, name, &signing.sign(&self.claims().text()));
    }
}

fn corpus(bed: &Bed) -> Vec<Forgery> {
    let mut made = Vec::new();
    for authority in [&bed.rsa, &bed.ec] {
        let mut forge = Forge::new(bed, authority);
        forged::wrapping::forge(&mut forge);
        forged::place::forge(&mut forge);
        forged::markup::forge(&mut forge);
        forged::algorithms::forge(&mut forge);
        forged::shape::forge(&mut forge);
        forged::keys::forge(&mut forge);
        forged::times::forge(&mut forge);
        forged::claims::forge(&mut forge);
        made.append(&mut forge.made);
    }
    made
}

#[test]
fn no_forged_assertion_is_accepted_and_each_is_refused_for_its_own_reason() {
    let bed = Bed::new();
    let corpus = corpus(&bed);
    assert!(corpus.len() >= 200, "only {} forgeries", corpus.len());
    let names: BTreeSet<&str> = corpus.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names.len(), corpus.len(), "two forgeries have one name");
    let mut wrong = Vec::new();
    for one in &corpus {
        let said = bed.says_to(&bed.xua, &one.text, &one.presented);
        assert_ne!(said, "accepted", "{}: {}", one.name, one.text);
        if said != one.refusal {
            wrong.push(format!("{}: {said}, not {}", one.name, one.refusal));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_id_of_two_issuers_is_two_assertions() {
    let bed = Bed::new();
    for said in ["accepted", "replayed"] {
        for (authority, issuer) in [(&bed.rsa, RSA), (&bed.ec, EC)] {
            let text = Signing::by(authority).sign(&Claims::new("_same", issuer).text());
            assert_eq!(bed.says(&envelope(&text)), said, "{issuer}");
        }
    }
}
