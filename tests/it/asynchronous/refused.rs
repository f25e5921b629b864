//! Addresses that the hub does not send to: said on the request's connection, before anything is
//! served.

use super::*;

const ONLY_ANONYMOUS: &str = "<s:Subcode><s:Value xmlns:wsa=\"http://www.w3.org/2005/08/addressing\">wsa:OnlyAnonymousAddressSupported</s:Value></s:Subcode>";

#[track_caller]
fn assert_refused(hub: &TestHub, words: &[&str], sent: &str) {
    let answer = hub.refuses(Role::Repository, words, || provide(hub, sent));
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(answer.fault_code(), "Sender/wsa:InvalidAddressingHeader");
    assert!(answer.contains(ONLY_ANONYMOUS), "{}", answer.text());
    assert_eq!(promises(hub, Role::Repository, "1 = 1"), 0);
    let folder = hub.data().join("repository/async");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0, "nothing is kept");
}

#[test]
fn an_address_that_is_not_listed_is_refused_before_anything_is_served() {
    let (hub, url, _receiver) = hub_and_receiver(&[202]);
    let words = ["wsa:ReplyTo cannot be used", "[async] reply_to"];
    for address in
        ["https://127.0.0.1:9/async", "https://elsewhere.example/async", &format!("{url}hronous")]
    {
        assert_refused(&hub, &words, &letter_later(1, address).0);
    }
    for (address, word) in [
        ("http://127.0.0.1/async", "begins with https://"),
        ("mailto:someone@trust.example", "begins with https://"),
        ("trust.example/async", "https://host:port/path"),
        (&*format!("{url}/../admin"), "no path that climbs"),
    ] {
        assert_refused(&hub, &["wsa:ReplyTo", word], &letter_later(1, address).0);
    }
    let listed = letter_later(1, &url).0;
    let words = ["wsa:FaultTo cannot be used", "[async] reply_to"];
    assert_refused(&hub, &words, &fault_to(&listed, "https://elsewhere.example/"));
    let here = Provide::letter(1).inline();
    let words = ["wsa:FaultTo names an address", "wanted on this connection"];
    assert_refused(&hub, &words, &fault_to(&here, &url));
}

#[test]
fn a_hub_without_reply_addresses_answers_on_the_connection_only() {
    let hub = TestHub::start();
    let words = ["wsa:ReplyTo cannot be used", "the answer comes on this connection"];
    assert_refused(&hub, &words, &letter_later(1, "https://trust.example/async").0);
}

#[test]
fn a_listed_name_that_leads_inside_is_refused_unless_the_network_is_listed() {
    let port = ReplyPort::bind();
    let url = format!("https://localhost:{}/async", port.port());
    let mut hub = TestHub::with(|options| listing(options, &[&url]));
    let words = ["resolves to an address inside this network", "private_networks"];
    assert_refused(&hub, &words, &letter_later(1, &url).0);
    hub.restart_with(|options| {
        let networks = ["127.0.0.0/8", "::1"];
        let networks = networks.map(|text| text.parse().unwrap());
        options.config.asynchronous.private_networks = networks.to_vec();
    });
    let receiver = port.serve(&hub.pki(), &[202]);
    let (sent, id) = letter_later(1, &url);
    assert_promised(&provide(&hub, &sent));
    let action = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-bResponse";
    assert_answers(&receiver.next(), action, &url, &id);
}

#[test]
fn a_role_has_its_own_addresses_where_it_has_its_own_section() {
    let (mut hub, url, _receiver) = hub_and_receiver(&[202]);
    hub.restart_with(|options| {
        options.config.repository.asynchronous = Some(node::config::AsyncReplies::default());
    });
    let words = ["wsa:ReplyTo cannot be used"];
    assert_refused(&hub, &words, &letter_later(1, &url).0);
    let (sent, _) = later(&query(), &url);
    assert_promised(&hub.request("ZZP01", hub.url(Role::Gateway)).soap(&sent));
}

#[test]
fn who_may_not_ask_is_refused_on_the_connection() {
    let (hub, url, _receiver) = hub_and_receiver(&[202]);
    let (sent, _) = letter_later(1, &url);
    let consumer = hub.request("ZZP01", hub.url(Role::Repository));
    let refused = hub.refuses(Role::Repository, &["ZZP01"], || consumer.soap(&sent));
    assert_eq!(refused.status, 400);
    let anonymous = hub.anonymous(hub.url(Role::Repository));
    let words = ["no client certificate"];
    let refused = hub.refuses(Role::Repository, &words, || anonymous.soap(&sent));
    assert_eq!(refused.status, 403);
    let broken = sent.replace("</s:Body>", "");
    let words = ["the SOAP envelope cannot be read"];
    let refused = hub.refuses(Role::Repository, &words, || provide(&hub, &broken));
    assert_eq!((refused.status, promises(&hub, Role::Repository, "1 = 1")), (400, 0));
}

#[test]
fn an_answer_on_its_own_is_told_by_the_requests_message_id() {
    let (hub, url, _receiver) = hub_and_receiver(&[202]);
    let (sent, id) = letter_later(1, &url);
    let nameless = sent.replace(&format!("<wsa:MessageID>{id}</wsa:MessageID>"), "");
    let words = ["wsa:MessageID is required"];
    let refused = hub.refuses(Role::Repository, &words, || provide(&hub, &nameless));
    assert_eq!(refused.fault_code(), "Sender/wsa:MessageAddressingHeaderRequired");
}

#[test]
fn a_list_of_addresses_that_means_nothing_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("watling.toml");
    for (text, words) in [
        ("[async]\nreply_to = [\"http://a.example/\"]", ["http://a.example/", "https://"]),
        ("[registry.async]\nprivate_networks = [\"10.0.0.0/40\"]", ["10.0.0.0/40", "a network"]),
        ("[gateway.async]\ndeadline_seconds = 0", ["the gateway", "deadline_seconds is 0"]),
        (
            "[async]\ndeadline_seconds = 20\nretention_seconds = 10",
            ["deadline_seconds is 20", "retention_seconds"],
        ),
        ("[async]\nreply = []", ["reply", "unknown field"]),
    ] {
        std::fs::write(&file, text).unwrap();
        let said = hub::config::Config::load(Some(&file)).unwrap_err();
        assert!(words.iter().all(|word| said.contains(word)), "{words:?}: {said}");
    }
}
