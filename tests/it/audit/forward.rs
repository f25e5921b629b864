//! Records on their way to a real rsyslog over mutual TLS, which is stopped, killed and started again.

use super::receiver::{Received, Rsyslog};
use hub::serve::Role;
use node::audit::forward::ForwardSettings;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tests::TestHub;
use tests::message;

/// A hub that passes its records on.
fn forwarding_hub(port: u16) -> TestHub {
    TestHub::with(|options| options.config.audit.forward = Some(settings(port)))
}

fn settings(port: u16) -> ForwardSettings {
    ForwardSettings {
        host: "127.0.0.1".to_owned(),
        port,
        server_name: Some("localhost".to_owned()),
        trust: None,
        hostname: Some("hub1.example".to_owned()),
        retry_seconds_max: 1,
    }
}

fn ask(hub: &TestHub, times: usize) {
    let gateway = hub.request("ZZP01", hub.url(Role::Gateway));
    for _ in 0..times {
        gateway.soap(&message::find_documents("9000000009", "LeafClass", ""));
    }
}

/// Waits until the receiver has every record of the gateway, and gives what it has of them.
#[track_caller]
fn arrived(hub: &TestHub, receiver: &Rsyslog) -> Vec<Received> {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let records: BTreeSet<i64> = hub.audit(Role::Gateway).iter().map(|r| r.seq).collect();
        let received = receiver.of("watling-gateway");
        let seen: BTreeSet<i64> = received.iter().map(|one| one.sequence).collect();
        if seen == records {
            return received;
        }
        let missing: Vec<_> = records.difference(&seen).collect();
        assert!(Instant::now() < until, "not arrived: {missing:?}; {}", receiver.log());
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Each record as it is on record, in order; one that came twice may do so again later.
#[track_caller]
fn in_order_and_whole(hub: &TestHub, received: &[Received]) {
    let mut newest = 0;
    for one in received {
        assert!(one.sequence <= newest + 1, "{} came behind {newest}", one.sequence);
        newest = newest.max(one.sequence);
    }
    for record in hub.audit(Role::Gateway) {
        let expected = record.messages();
        let mut of = received.iter().filter(|one| one.sequence == record.seq);
        assert!(of.any(|one| one.message == expected[0]), "record {} is another", record.seq);
    }
}

#[test]
fn records_reach_a_receiver_whole_and_in_order_though_it_stops_in_the_middle() {
    let Some(mut receiver) = Rsyslog::prepared() else { return };
    // Nobody is there yet: everything waits.
    let mut hub = forwarding_hub(receiver.port);
    ask(&hub, 20);
    receiver.start(&hub);
    in_order_and_whole(&hub, &arrived(&hub, &receiver));
    ask(&hub, 10);
    receiver.stop();
    ask(&hub, 30);
    receiver.start(&hub);
    in_order_and_whole(&hub, &arrived(&hub, &receiver));
    // Stopped while records are under way, and the hub itself too.
    for _ in 0..3 {
        ask(&hub, 5);
        receiver.stop();
        ask(&hub, 5);
        hub.restart();
        receiver.start(&hub);
        ask(&hub, 5);
    }
    in_order_and_whole(&hub, &arrived(&hub, &receiver));
}

#[test]
fn a_receiver_that_another_authority_signed_gets_nothing() {
    let Some(mut receiver) = Rsyslog::prepared() else { return };
    let stranger = TestHub::start();
    receiver.start(&stranger);
    let hub = forwarding_hub(receiver.port);
    ask(&hub, 3);
    std::thread::sleep(Duration::from_secs(3));
    assert!(receiver.of("watling-gateway").is_empty(), "{}", receiver.log());
    let folder = hub.data().join("gateway");
    let behind = node::audit::forward::behind(&folder, &settings(receiver.port).receiver());
    assert!(behind.unwrap().records >= 4);
}
