//! quick-xml events into a tree, with every limit checked as the input is read.

use super::tree::{Attribute, Binding, Document, Node};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use std::borrow::Cow;

/// What one document may cost. Counts, not bytes: the caller bounds the bytes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub depth: usize,
    pub elements: usize,
    pub attributes_per_element: usize,
    pub namespaces_in_scope: usize,
    pub text_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 64,
            elements: 200_000,
            attributes_per_element: 64,
            namespaces_in_scope: 64,
            text_bytes: usize::MAX,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    #[error("the XML is not well-formed near byte {0}: {1}")]
    IllFormed(u64, String),
    #[error("a document type declaration (DTD) is refused")]
    Dtd,
    #[error("only the five predefined entities and character references are accepted")]
    Entity,
    #[error("the XML has more {0} than the limit of {1}")]
    Limit(&'static str, usize),
    #[error("the namespace prefix {0:?} is not declared")]
    Prefix(String),
    #[error("the XML is not UTF-8")]
    Encoding,
}

struct Builder<'a> {
    document: Document<'a>,
    open: Vec<usize>,
    /// Bindings in scope; an element's scope is a prefix of this list.
    bindings: Vec<Binding<'a>>,
    scopes: Vec<usize>,
    last_child: Vec<Option<usize>>,
    text_bytes: usize,
    limits: Limits,
}

impl<'a> Document<'a> {
    /// Reads UTF-8 bytes; a byte order mark is forgiven.
    pub fn parse_bytes(bytes: &'a [u8], limits: &Limits) -> Result<Self, XmlError> {
        let text = std::str::from_utf8(bytes).map_err(|_| XmlError::Encoding)?;
        Self::parse(text, limits)
    }

    pub fn parse(text: &'a str, limits: &Limits) -> Result<Self, XmlError> {
        let unmarked = text.strip_prefix('\u{feff}');
        let byte_order_mark = unmarked.is_some();
        let text = unmarked.unwrap_or(text);
        // The parser below would pass over a second one in silence, and every position be wrong.
        if text.starts_with('\u{feff}') {
            return Err(XmlError::IllFormed(0, "two byte order marks".to_owned()));
        }
        if let Some(at) = forbidden(text) {
            let what = "a character that XML does not allow".to_owned();
            return Err(XmlError::IllFormed(at as u64, what));
        }
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_comments = true;
        let mut builder = Builder {
            document: Document {
                text,
                byte_order_mark,
                nodes: Vec::with_capacity((text.len() / 64).min(limits.elements)),
                attributes: Vec::with_capacity(text.len() / 48),
                bindings: Vec::new(),
            },
            open: Vec::new(),
            bindings: vec![Binding { prefix: "xml", uri: "http://www.w3.org/XML/1998/namespace" }],
            scopes: Vec::new(),
            last_child: Vec::new(),
            text_bytes: 0,
            limits: *limits,
        };
        loop {
            let before = reader.buffer_position() as usize;
            let event = reader
                .read_event()
                .map_err(|error| XmlError::IllFormed(reader.error_position(), error.to_string()))?;
            let after = reader.buffer_position() as usize;
            if !builder.event(event, before..after)? {
                break;
            }
        }
        builder.finish()
    }
}

impl<'a> Builder<'a> {
    /// Takes one event; `false` at the end of the input.
    fn event(&mut self, event: Event<'a>, span: std::ops::Range<usize>) -> Result<bool, XmlError> {
        match event {
            Event::Start(start) => self.start(&start, span)?,
            Event::Empty(start) => {
                self.start(&start, span.clone())?;
                self.end(span.end);
            }
            Event::End(_) => self.end(span.end),
            Event::Text(text) => self.text(text.xml10_content(), span.start)?,
            Event::CData(data) => self.text(data.xml10_content(), span.start)?,
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref() {
                    Ok(Some(c)) if is_xml_char(c) => c,
                    Ok(None) => predefined(&reference).ok_or(XmlError::Entity)?,
                    _ => return Err(XmlError::Entity),
                };
                self.text(Cow::Owned(resolved.to_string()), span.start)?;
            }
            Event::DocType(_) => return Err(XmlError::Dtd),
            Event::Decl(declaration) => check_encoding(&declaration)?,
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return Ok(false),
        }
        Ok(true)
    }

    fn start(
        &mut self,
        start: &BytesStart<'a>,
        span: std::ops::Range<usize>,
    ) -> Result<(), XmlError> {
        let ill = |what: &str| XmlError::IllFormed(span.start as u64, what.to_owned());
        if self.open.is_empty() && !self.document.nodes.is_empty() {
            return Err(ill("a second root element"));
        }
        if self.open.len() >= self.limits.depth {
            return Err(XmlError::Limit("element depth", self.limits.depth));
        }
        if self.document.nodes.len() >= self.limits.elements {
            return Err(XmlError::Limit("elements", self.limits.elements));
        }
        self.scopes.push(self.bindings.len());
        let first = self.document.attributes.len();
        self.attributes(start, span.start)?;
        let name = self.borrow(start.name().0);
        // The tokenizer ends a name at white space only.
        if name.bytes().any(|byte| matches!(byte, b'"' | b'\'' | b'<' | b'&' | b'=')) {
            return Err(ill("an element's name holds a character that no name has"));
        }
        let (prefix, local) = split(name);
        let uri = self.resolve(prefix)?;
        for at in first..self.document.attributes.len() {
            let prefix = self.document.attributes[at].uri;
            if !prefix.is_empty() {
                self.document.attributes[at].uri = self.resolve(prefix)?;
            }
        }
        let index = self.document.nodes.len();
        let bindings = self.keep_bindings();
        let declared = self.bindings.len() - self.scopes.last().copied().unwrap_or_default();
        self.document.nodes.push(Node {
            uri,
            local,
            attributes: first..self.document.attributes.len(),
            first_child: None,
            next_sibling: None,
            text: Cow::Borrowed(""),
            span: span.clone(),
            start_end: span.end,
            bindings,
            declared,
        });
        if let (Some(parent), Some(last)) = (self.open.last(), self.last_child.last_mut()) {
            match last.replace(index) {
                Some(previous) => self.document.nodes[previous].next_sibling = Some(index),
                None => self.document.nodes[*parent].first_child = Some(index),
            }
        }
        self.open.push(index);
        self.last_child.push(None);
        Ok(())
    }

    /// Splits declarations from attributes; values are unescaped. The attributes keep their prefixes,
    /// since declarations may follow them.
    fn attributes(&mut self, start: &BytesStart<'a>, at: usize) -> Result<(), XmlError> {
        let first = self.document.attributes.len();
        let mut count = 0;
        // Which names are equal is asked below, without a list on the side.
        for attribute in start.attributes().with_checks(false) {
            let ill = |what: String| XmlError::IllFormed(at as u64, what);
            let attribute = attribute.map_err(|error| ill(error.to_string()))?;
            count += 1;
            if count > self.limits.attributes_per_element {
                let limit = self.limits.attributes_per_element;
                return Err(XmlError::Limit("attributes of one element", limit));
            }
            if memchr::memchr(b'<', attribute.value.as_bytes()).is_some() {
                return Err(ill("an attribute value contains `<`".to_owned()));
            }
            let key = self.borrow(attribute.key.0);
            self.check_place(key, first).map_err(|what| ill(what.to_owned()))?;
            let value = attribute
                .normalized_value(XmlVersion::Explicit1_0)
                .map_err(|_| XmlError::Entity)?;
            // Only a reference can bring what the text itself does not hold.
            if matches!(value, Cow::Owned(_)) && !value.chars().all(is_xml_char) {
                return Err(ill("a character that XML does not allow".to_owned()));
            }
            self.count_text(value.len())?;
            let value = self.keep(value);
            match key.strip_prefix("xmlns") {
                Some("") => self.bind("", value)?,
                Some(rest) if rest.starts_with(':') => self.bind(&rest[1..], value)?,
                _ => {
                    let (uri, local) = split(key);
                    self.document.attributes.push(Attribute { uri, local, value });
                }
            }
        }
        Ok(())
    }

    /// White space before an attribute, and no other of its name in this start tag, whose attributes
    /// begin at `first`.
    fn check_place(&self, key: &str, first: usize) -> Result<(), &'static str> {
        let at = (key.as_ptr() as usize).wrapping_sub(self.document.text.as_ptr() as usize);
        let before = at.checked_sub(1).and_then(|at| self.document.text.as_bytes().get(at));
        if !before.is_some_and(u8::is_ascii_whitespace) {
            return Err("attributes need white space between them");
        }
        let declared = &self.bindings[self.scopes.last().copied().unwrap_or_default()..];
        let twice = match key.strip_prefix("xmlns") {
            Some("") => declared.iter().any(|binding| binding.prefix.is_empty()),
            Some(rest) if rest.starts_with(':') => {
                declared.iter().any(|binding| binding.prefix == &rest[1..])
            }
            _ => {
                let (prefix, local) = split(key);
                let others = &self.document.attributes[first..];
                others.iter().any(|other| other.local == local && other.uri == prefix)
            }
        };
        if twice { Err("an attribute occurs twice") } else { Ok(()) }
    }

    fn bind(&mut self, prefix: &'a str, uri: Cow<'a, str>) -> Result<(), XmlError> {
        if self.bindings.len() >= self.limits.namespaces_in_scope {
            let limit = self.limits.namespaces_in_scope;
            return Err(XmlError::Limit("namespaces in scope", limit));
        }
        // A namespace name with an entity in it has no honest use; refusing keeps names borrowed.
        let Cow::Borrowed(uri) = uri else { return Err(XmlError::Entity) };
        self.bindings.push(Binding { prefix, uri });
        Ok(())
    }

    fn resolve(&self, prefix: &str) -> Result<&'a str, XmlError> {
        match self.bindings.iter().rev().find(|binding| same(binding.prefix, prefix)) {
            Some(binding) => Ok(binding.uri),
            None if prefix.is_empty() => Ok(""),
            None => Err(XmlError::Prefix(prefix.to_owned())),
        }
    }

    /// Remembers the bindings of this element for [`super::Element::namespaces`]; shared with the
    /// parent where the element declares none.
    fn keep_bindings(&mut self) -> std::ops::Range<usize> {
        let declared = self.scopes.last().is_some_and(|start| self.bindings.len() > *start);
        match self.open.last() {
            Some(parent) if !declared => self.document.nodes[*parent].bindings.clone(),
            _ => {
                let first = self.document.bindings.len();
                self.document.bindings.extend(self.bindings.iter().copied());
                first..self.document.bindings.len()
            }
        }
    }

    fn end(&mut self, at: usize) {
        if let Some(index) = self.open.pop() {
            self.document.nodes[index].span.end = at;
        }
        self.last_child.pop();
        if let Some(scope) = self.scopes.pop() {
            self.bindings.truncate(scope);
        }
    }

    fn text(&mut self, text: Cow<'a, str>, at: usize) -> Result<(), XmlError> {
        let Some(index) = self.open.last().copied() else {
            if text.trim().is_empty() {
                return Ok(());
            }
            return Err(XmlError::IllFormed(at as u64, "text outside the root element".to_owned()));
        };
        self.count_text(text.len())?;
        let node = &mut self.document.nodes[index];
        if node.text.is_empty() {
            node.text = text
        } else if node.first_child.is_none() || !is_blank(&text) {
            // White space between children says nothing, and there is much of it.
            node.text.to_mut().push_str(&text)
        }
        Ok(())
    }

    fn count_text(&mut self, bytes: usize) -> Result<(), XmlError> {
        self.text_bytes += bytes;
        if self.text_bytes > self.limits.text_bytes {
            return Err(XmlError::Limit("text bytes", self.limits.text_bytes));
        }
        Ok(())
    }

    /// A part of the received text, borrowed from it: quick-xml hands out slices of its input,
    /// whose place is found by address.
    fn borrow(&self, part: &str) -> &'a str {
        let offset = (part.as_ptr() as usize).wrapping_sub(self.document.text.as_ptr() as usize);
        self.document.text.get(offset..offset.wrapping_add(part.len())).unwrap_or_default()
    }

    fn keep(&self, value: Cow<'_, str>) -> Cow<'a, str> {
        match value {
            Cow::Borrowed(part) => Cow::Borrowed(self.borrow(part)),
            Cow::Owned(text) => Cow::Owned(text),
        }
    }

    fn finish(self) -> Result<Document<'a>, XmlError> {
        if self.document.nodes.is_empty() || !self.open.is_empty() {
            let at = self.document.text.len() as u64;
            return Err(XmlError::IllFormed(at, "the text ends too early".to_owned()));
        }
        Ok(self.document)
    }
}

/// A qualified name's prefix, which may be empty, and its local part.
fn split(name: &str) -> (&str, &str) {
    match name.bytes().position(|byte| byte == b':') {
        Some(at) => (&name[..at], &name[at + 1..]),
        None => ("", name),
    }
}

/// Equality of texts so short that calling a comparison costs more than comparing.
fn same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).all(|(a, b)| a == b)
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t'))
}

/// Where the first character is that XML does not allow: the C0 controls but three, U+FFFE, U+FFFF.
fn forbidden(text: &str) -> Option<usize> {
    let control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    let bytes = text.as_bytes();
    for (n, chunk) in bytes.chunks(4096).enumerate() {
        // Without a way out of the loop the compiler compares many bytes at once.
        if chunk.iter().fold(false, |found, byte| found | control(byte)) {
            return chunk.iter().position(control).map(|at| n * 4096 + at);
        }
    }
    let mut after = memchr::memchr_iter(0xef, bytes);
    after.find(|at| matches!(bytes.get(at + 1..at + 3), Some([0xbf, 0xbe | 0xbf])))
}

fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// The bytes are already known to be UTF-8; a declaration that says otherwise is a lie about them.
fn check_encoding(declaration: &quick_xml::events::BytesDecl<'_>) -> Result<(), XmlError> {
    match declaration.encoding() {
        Some(Ok(name))
            if !name.eq_ignore_ascii_case("utf-8") && !name.eq_ignore_ascii_case("us-ascii") =>
        {
            Err(XmlError::Encoding)
        }
        _ => Ok(()),
    }
}
