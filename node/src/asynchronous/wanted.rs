//! Where a request wants its answer (WS-Addressing 1.0 Core 3.4, SOAP Binding 5), as a pure decision.

use super::address::{AllowList, ReplyAddress};
use schemas::soap::fault::Fault;
use schemas::soap::{ANONYMOUS, Addressing, NONE};
use serde::{Deserialize, Serialize};

const MESSAGE_ID_MAX: usize = 256;

/// Addresses that an answer goes to, on a connection of its own; nothing is sent where there is
/// none.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Later {
    pub reply_to: Option<ReplyAddress>,
    pub fault_to: Option<ReplyAddress>,
}

/// What an endpoint reference of a request says.
enum Target {
    Connection,
    Nowhere,
    At(ReplyAddress),
}

/// `None` where the answer is wanted on the request's connection, or the fault that says why it
/// cannot be sent where it is wanted.
pub(super) fn wanted(list: &AllowList, addressing: &Addressing) -> Result<Option<Later>, Fault> {
    let reply_to = target(list, "wsa:ReplyTo", addressing.reply_to.as_deref())?;
    let fault_to = target(list, "wsa:FaultTo", addressing.fault_to.as_deref())?;
    let reply_to = match (reply_to, &fault_to) {
        (Target::Connection, Target::At(_)) => {
            let reason = "wsa:FaultTo names an address although the answer is wanted on this connection: leave it out, or give wsa:ReplyTo an address too";
            return Err(Fault::only_anonymous(reason));
        }
        (Target::Connection, _) => return Ok(None),
        (Target::Nowhere, _) => None,
        (Target::At(address), _) => Some(address),
    };
    let fault_to = match fault_to {
        Target::Connection => reply_to.clone(),
        Target::Nowhere => None,
        Target::At(address) => Some(address),
    };
    match addressing.message_id.as_deref() {
        None | Some("") => Err(Fault::addressing(
            "MessageAddressingHeaderRequired",
            "wsa:MessageID is required where wsa:ReplyTo is not anonymous: the answer is told by it"
                .to_owned(),
        )),
        Some(id) if id.len() > MESSAGE_ID_MAX => Err(Fault::addressing(
            "InvalidAddressingHeader",
            format!("wsa:MessageID has more than {MESSAGE_ID_MAX} bytes"),
        )),
        Some(_) => Ok(Some(Later { reply_to, fault_to })),
    }
}

fn target(list: &AllowList, header: &str, address: Option<&str>) -> Result<Target, Fault> {
    let refuse = |why: String| {
        Fault::only_anonymous(format!(
            "{header} cannot be used: {why}. Without it, or with {ANONYMOUS}, the answer comes on this connection"
        ))
    };
    match address {
        None | Some("" | ANONYMOUS) => Ok(Target::Connection),
        Some(NONE) => Ok(Target::Nowhere),
        Some(text) => {
            let address = ReplyAddress::parse(text).map_err(|error| refuse(error.to_string()))?;
            if list.permits(&address) {
                return Ok(Target::At(address));
            }
            Err(refuse(
                "it is not among this endpoint's reply addresses ([async] reply_to)".to_owned(),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str = "https://trust.example/async";

    fn ask(reply_to: Option<&str>, fault_to: Option<&str>) -> Result<Option<Later>, Fault> {
        let list = AllowList {
            addresses: vec![ReplyAddress::parse(LISTED).unwrap()],
            private_networks: Vec::new(),
        };
        let addressing = Addressing {
            message_id: Some("urn:uuid:1".to_owned()),
            reply_to: reply_to.map(str::to_owned),
            fault_to: fault_to.map(str::to_owned),
            ..Addressing::default()
        };
        wanted(&list, &addressing)
    }

    fn later(reply_to: Option<&str>, fault_to: Option<&str>) -> Option<Later> {
        let address = |text: &str| ReplyAddress::parse(text).unwrap();
        Some(Later { reply_to: reply_to.map(address), fault_to: fault_to.map(address) })
    }

    #[test]
    fn the_answer_goes_where_it_is_wanted() {
        let faults = "https://trust.example/async/faults";
        for here in [None, Some(""), Some(ANONYMOUS)] {
            for faults in [None, Some(ANONYMOUS), Some(NONE)] {
                assert_eq!(ask(here, faults).unwrap(), None);
            }
            assert_eq!(ask(Some(LISTED), here).unwrap(), later(Some(LISTED), Some(LISTED)));
            assert_eq!(ask(Some(NONE), here).unwrap(), later(None, None));
        }
        assert_eq!(ask(Some(LISTED), Some(faults)).unwrap(), later(Some(LISTED), Some(faults)));
        assert_eq!(ask(Some(LISTED), Some(NONE)).unwrap(), later(Some(LISTED), None));
        assert_eq!(ask(Some(NONE), Some(faults)).unwrap(), later(None, Some(faults)));
    }

    #[test]
    fn an_address_that_is_not_listed_is_refused_wherever_it_stands() {
        for (reply_to, fault_to) in [
            (Some("https://evil.example/"), None),
            (Some("http://trust.example/async"), None),
            (Some(LISTED), Some("https://evil.example/")),
            (Some(NONE), Some("https://evil.example/")),
            (None, Some(LISTED)),
        ] {
            let fault = ask(reply_to, fault_to).unwrap_err();
            assert_eq!(fault.subcode, Some("wsa:InvalidAddressingHeader"), "{reply_to:?}");
            assert_eq!(fault.detail, Some("wsa:OnlyAnonymousAddressSupported"));
            assert!(!fault.reason.contains("evil"), "{}", fault.reason);
        }
    }

    #[test]
    fn an_answer_on_its_own_needs_a_message_id() {
        let mut addressing =
            Addressing { reply_to: Some(NONE.to_owned()), ..Addressing::default() };
        for (id, subcode) in [
            (None, "wsa:MessageAddressingHeaderRequired"),
            (Some(String::new()), "wsa:MessageAddressingHeaderRequired"),
            (Some("m".repeat(MESSAGE_ID_MAX + 1)), "wsa:InvalidAddressingHeader"),
        ] {
            addressing.message_id = id;
            let fault = wanted(&AllowList::default(), &addressing).unwrap_err();
            assert_eq!(fault.subcode, Some(subcode));
        }
    }
}
