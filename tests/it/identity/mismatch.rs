//! A valid number can be the wrong person's: what documents say is compared with what earlier ones say.

use super::*;

#[test]
fn a_document_that_differs_from_earlier_ones_waits_and_says_from_how_many() {
    let hub = TestHub::start();
    send(&hub, &Said::haworth(1, Said::verified(HAWORTH)));
    send(&hub, &Said::haworth(2, Said::verified(HAWORTH)));
    let other = Said {
        family: "Threlfall",
        given: "Alan",
        birth_date: "19521117",
        ..Said::haworth(3, Said::verified(HAWORTH))
    };
    send(&hub, &other);
    let waiting = &quarantine(&hub)[0];
    assert_eq!(waiting["reason"], "known-otherwise");
    let said = waiting["outcome"].as_str().unwrap_or_default();
    let counted = "family and given name and the date of birth differ from what 2 earlier documents of 1 publishers say";
    assert!(said.contains(counted), "{waiting}");
    assert!(!holds(&hub, HAWORTH, &other));
}

#[test]
fn day_and_month_exchanged_is_a_reason_of_its_own() {
    let hub = TestHub::start();
    send(&hub, &Said::haworth(1, Said::verified(HAWORTH)));
    let exchanged = Said { birth_date: "19480903", ..Said::haworth(2, Said::verified(HAWORTH)) };
    send(&hub, &exchanged);
    assert_eq!(reason(&hub), "birth-date-transposed");
}

#[test]
fn names_as_people_write_them_and_documents_that_say_less_are_no_mismatch() {
    let hub = TestHub::start();
    send(&hub, &Said::haworth(1, Said::verified(HAWORTH)));
    for (n, family, given, birth_date) in [
        (2, "HAWORTH", "M", "19480309"),
        (3, "Haworth-Carr", "Marjorie Anne", "194803"),
        (4, "Haworth", "Marge", "1948"),
    ] {
        let said = Said { family, given, birth_date, ..Said::haworth(n, Said::verified(HAWORTH)) };
        send(&hub, &said);
        assert!(holds(&hub, HAWORTH, &said), "{family}, {given}: {:?}", quarantine(&hub));
    }
}

#[test]
fn somebody_who_has_looked_at_it_lets_it_in_all_the_same() {
    let hub = TestHub::start();
    send(&hub, &Said::haworth(1, Said::verified(HAWORTH)));
    let married = Said { family: "Carr", ..Said::haworth(2, Said::verified(HAWORTH)) };
    send(&hub, &married);
    assert_eq!(reason(&hub), "known-otherwise");
    let decision = ["--by", "A Clerk", "--reason", "married in May"];
    let resolve = ["quarantine", "resolve", "1", "--nhs-number", HAWORTH, "--despite-mismatch"];
    watling(&hub, &[&resolve[..], &decision].concat()).unwrap();
    while !quarantine(&hub).is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert!(holds(&hub, HAWORTH, &married));
}

#[test]
fn what_pds_confirms_is_not_doubted_for_an_earlier_document() {
    let (hub, _server) = traced(TraceKind::PdsFhir, When::Unverified);
    let wrong = Said {
        family: "Threlfall",
        given: "Alan",
        birth_date: "19521117",
        ..Said::haworth(1, Said::verified(HAWORTH))
    };
    send(&hub, &wrong);
    let right = Said::haworth(2, Said::unverified(HAWORTH));
    send(&hub, &right);
    assert!(holds(&hub, HAWORTH, &right), "{:?}", quarantine(&hub));
    let records = hub.audit(Role::Repository);
    let mut told = records.iter().flat_map(|record| &record.event.reasons);
    assert!(told.any(|why| why.contains("1 earlier documents of 1 publishers say another name")));
}
