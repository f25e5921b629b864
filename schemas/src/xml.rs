//! One XML reader: a bounded, namespace-aware, borrowed tree over the received text.
//!
//! DTDs and general entities are refused; every count has a limit in the reader, so that a hostile
//! message costs at most what [`Limits`] says. Byte positions are kept, because a document inside
//! an envelope must leave it byte for byte.

mod reader;
mod tree;
mod writer;

pub use reader::{Limits, XmlError};
pub use tree::{Children, Document, Element};
pub use writer::{attribute, escape_into, text_element};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Document<'_>, XmlError> {
        Document::parse(text, &Limits::default())
    }

    #[test]
    fn a_name_that_holds_a_quotation_mark_is_refused() {
        for text in ["<a><i\"1\"/></a>", "<a><i'1'/></a>", "<a><i=1/></a>", "<a><i&x/></a>"] {
            assert!(matches!(parse(text), Err(XmlError::IllFormed(..))), "{text}");
        }
    }

    #[test]
    fn names_resolve_by_namespace_not_by_prefix() {
        let document =
            parse("<a xmlns='u:1' xmlns:p='u:2'><p:b x='1' p:x='2'>t&amp;&#65;</p:b></a>").unwrap();
        let b = document.root().child("u:2", "b").unwrap();
        assert_eq!(b.attr("x"), Some("1"));
        assert_eq!(b.attr_ns("u:2", "x"), Some("2"));
        assert_eq!(b.text(), "t&A");
    }

    #[test]
    fn a_doctype_is_refused_before_anything_is_expanded() {
        let bomb = "<!DOCTYPE a [<!ENTITY b 'x'>]><a>&b;</a>";
        assert!(matches!(parse(bomb), Err(XmlError::Dtd)));
        assert!(matches!(parse("<a>&b;</a>"), Err(XmlError::Entity)));
    }

    #[test]
    fn each_limit_has_its_own_refusal() {
        let deep = format!("{}{}", "<a>".repeat(200), "</a>".repeat(200));
        assert!(matches!(parse(&deep), Err(XmlError::Limit("element depth", 64))));
        let limits = Limits { elements: 3, ..Limits::default() };
        let many = Document::parse("<a><b/><b/><b/></a>", &limits);
        assert!(matches!(many, Err(XmlError::Limit("elements", 3))));
        let attributes: String = (0..80).map(|n| format!(" a{n}='x'")).collect();
        assert!(matches!(
            parse(&format!("<a{attributes}/>")),
            Err(XmlError::Limit("attributes of one element", 64))
        ));
        let nested: String =
            (0..40).map(|n| format!("<a xmlns:p{n}='u' xmlns:q{n}='u'>")).collect();
        assert!(matches!(parse(&nested), Err(XmlError::Limit("namespaces in scope", 64))));
    }

    #[test]
    fn ill_formed_text_is_an_error() {
        for text in [
            "",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "text",
            "<p:a/>",
            "<a b='1' b='2'/>",
            "<a b='1'c='2'/>",
            "\u{feff}\u{feff}<a/>",
            "<a xmlns:p='u' xmlns:p='v'/>",
            "<a xmlns='u' xmlns='u'/>",
            "<a b='&#1;'/>",
            "<a>\u{ffff}</a>",
            "<a b='\u{1f}'/>",
            "<!-- \u{2} --><a/>",
            "<a>\u{1}</a>",
            "<a b='<'/>",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_source_of_an_element_is_what_was_received() {
        let text = "<a xmlns:p='u'> <p:b  c = '1' >x</p:b ></a>";
        let document = parse(text).unwrap();
        assert_eq!(document.root().child("u", "b").unwrap().source(), "<p:b  c = '1' >x</p:b >");
    }

    proptest! {
        #[test]
        fn reading_anything_never_panics(text in "[<>/a-c'\"=& ;!\\[\\]#x0-9:-]{0,80}") {
            let _ = parse(&text);
        }

        #[test]
        fn escaped_text_comes_back(text in "[^\u{0}-\u{8}\u{b}\u{c}\u{e}-\u{1f}\u{fffe}\u{ffff}\r]{0,60}") {
            let mut xml = String::from("<a>");
            escape_into(&mut xml, &text);
            xml.push_str("</a>");
            let document = parse(&xml).unwrap();
            prop_assert_eq!(document.root().text(), text.as_str());
        }
    }
}
