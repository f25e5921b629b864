//! Authors, authenticators and recipients.

use super::*;
use crate::metadata::Author;

fn author(mapped: &Mapped) -> &Author {
    &mapped.entry.author[0]
}

fn person(author: &Author) -> &str {
    author.person.as_ref().map_or("", |person| person.as_str())
}

#[test]
fn the_author_has_person_institution_role_specialty_and_addresses() {
    let mapped = Desk::default().map(&plain());
    let author = author(&mapped);
    assert_eq!(person(author), "555000111222^Sample^Ada^^^Dr^^^&1.2.826.0.1285.0.2.0.65&ISO");
    assert_eq!(
        author.institution[0].as_str(),
        "Northfell General Hospital^^^^^&2.16.840.1.113883.2.1.3.2.4.19.2&ISO^^^^RXN02"
    );
    assert_eq!(author.role, ["NR0110^^^&2.16.840.1.113883.2.1.3.2.4.17.124&ISO"]);
    assert_eq!(author.specialty, ["700433006^^^&2.16.840.1.113883.6.96&ISO"]);
    assert_eq!(
        author.telecommunication,
        ["^WPN^PH^^^^^^^^^01234567890", "^NET^Internet^a.sample@example.org"]
    );
    assert_eq!(author.extra, [Slot::one(slot::AUTHOR_ROLE, "Specialist Registrar")]);
}

#[test]
fn an_author_without_a_user_id_has_a_local_one_in_its_issuers_domain_or_a_name() {
    let user = "<id root=\"1.2.826.0.1285.0.2.0.65\" extension=\"555000111222\"/>\n      <id root=\"1.2.826.0.1285.0.2.0.67\" extension=\"555000111333\"/>";
    let issuer = 33 * 36 + 8 + 27 * 1296;
    for (ids, expected) in [
        (
            "<id root=\"2.16.840.1.113883.2.1.3.2.4.18.24\" extension=\"100\" assigningAuthorityName=\"RX8:An ambulance trust\"/>",
            format!("100^Sample^Ada^^^Dr^^^&1.2.3.10.{issuer}&ISO"),
        ),
        (
            "<id root=\"1.2.826.0.1285.0.2.0.67\" extension=\"555\"/>",
            "555^Sample^Ada^^^Dr^^^&1.2.826.0.1285.0.2.0.67&ISO".to_owned(),
        ),
        ("<id nullFlavor=\"NI\"/>", "^Sample^Ada^^^Dr".to_owned()),
    ] {
        assert_eq!(person(author(&Desk::default().map(&with(user, ids)))), expected);
    }
}

#[test]
fn a_role_is_named_by_its_vocabulary_and_the_senders_name_is_kept_beside_it() {
    let role = "code=\"NR0110\" codeSystem=\"2.16.840.1.113883.2.1.3.2.4.17.124\" displayName=\"Specialist Registrar\"";
    let sds = "2.16.840.1.113883.2.1.3.2.4.17.196";
    for (received, names, warning) in [
        (
            format!("code=\"R0680\" codeSystem=\"{sds}\" displayName=\"SHO\""),
            vec![(slot::AUTHOR_ROLE, "Midwife"), (slot::RECEIVED_AUTHOR_ROLE, "SHO")],
            Some(CdaWarning::RoleDisplayDiffers),
        ),
        (
            format!("code=\"R0050\" codeSystem=\"{sds}\" displayName=\"CONSULTANT\""),
            vec![(slot::AUTHOR_ROLE, "Consultant")],
            None,
        ),
        (
            format!("code=\"GP\" codeSystem=\"{sds}\" displayName=\"General Practitioner\""),
            vec![(slot::RECEIVED_AUTHOR_ROLE, "General Practitioner")],
            Some(CdaWarning::RoleUnknown),
        ),
        ("code=\"7\" codeSystem=\"2.16.840.1.113883.2.1.3.2.4.17.339\"".to_owned(), vec![], None),
    ] {
        let mapped = Desk::default().map(&with(role, &received));
        let extra = author(&mapped).extra.iter();
        let got: Vec<(&str, &str)> =
            extra.map(|slot| (slot.name.as_str(), slot.values[0].as_str())).collect();
        assert_eq!(got, names, "{received}");
        let both = [CdaWarning::RoleDisplayDiffers, CdaWarning::RoleUnknown];
        let warning_got = mapped.warnings.iter().copied().find(|w| both.contains(w));
        assert_eq!(warning_got, warning, "{received}");
    }
}

#[test]
fn the_originating_author_is_taken_before_the_first() {
    let other = "<author><assignedAuthor><assignedPerson><name><family>First</family></name>\
        </assignedPerson></assignedAuthor></author>\n  <author typeCode=\"AUT\">";
    let mapped = Desk::default().map(&with("<author typeCode=\"AUT\">", other));
    assert!(person(author(&mapped)).contains("^Sample^"));
    let unnamed = with("<author typeCode=\"AUT\">", other).replace("code=\"OA\"", "code=\"DA\"");
    assert_eq!(person(author(&Desk::default().map(&unnamed))), "^First");
}

#[test]
fn a_legal_authenticator_goes_before_an_authenticator() {
    let legal = "<legalAuthenticator><assignedEntity><assignedPerson><name><family>Legal</family></name>\
        </assignedPerson></assignedEntity></legalAuthenticator><authenticator typeCode=\"AUTHEN\">";
    let mapped = Desk::default().map(&with("<authenticator typeCode=\"AUTHEN\">", legal));
    assert_eq!(mapped.entry.legal_authenticator.as_ref().unwrap().as_str(), "^Legal");
    assert_eq!(slot_value(&mapped, slot::AUTHENTICATOR), None);
    let neither = plain().replace("authenticator", "informant");
    let mapped = Desk::default().map(&neither);
    assert!(mapped.entry.legal_authenticator.is_none(), "no default is invented");
}

#[test]
fn recipients_are_slots_by_kind_and_the_primary_ones_are_intended() {
    let mapped = Desk::default().map(&plain());
    let practice = "Examplebridge Surgery^^^^^&2.16.840.1.113883.2.1.3.2.4.19.1&ISO^^^^ZZP01|^Example^Noor^^^Dr";
    let hospice = "Examplebridge Hospice^^^^^&2.16.840.1.113883.2.1.3.2.4.19.1&ISO^^^^ZZH01";
    assert_eq!(slots(&mapped, slot::RECIPIENT), [practice]);
    assert_eq!(slots(&mapped, slot::COPY_RECIPIENT), [hospice]);
    assert_eq!(mapped.intended_recipient, [practice]);
}
