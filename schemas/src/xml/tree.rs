//! The tree: nodes in one vector, everything borrowed from the received text where it can be.

use std::borrow::Cow;
use std::ops::Range;

#[derive(Clone, Copy, Debug)]
pub(super) struct Binding<'a> {
    pub prefix: &'a str,
    pub uri: &'a str,
}

#[derive(Debug)]
pub(super) struct Attribute<'a> {
    pub uri: &'a str,
    pub local: &'a str,
    pub value: Cow<'a, str>,
}

#[derive(Debug)]
pub(super) struct Node<'a> {
    pub uri: &'a str,
    pub local: &'a str,
    pub attributes: Range<usize>,
    pub first_child: Option<usize>,
    pub next_sibling: Option<usize>,
    /// The element's own character data, without that of its children.
    pub text: Cow<'a, str>,
    pub span: Range<usize>,
    /// Where the start tag ends.
    pub start_end: usize,
    pub bindings: Range<usize>,
    /// How many of them, at the end, the element declares itself.
    pub declared: usize,
}

/// A parsed document over the text it was read from.
#[derive(Debug)]
pub struct Document<'a> {
    pub(super) text: &'a str,
    pub(super) byte_order_mark: bool,
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) attributes: Vec<Attribute<'a>>,
    pub(super) bindings: Vec<Binding<'a>>,
}

/// A handle on one element.
#[derive(Clone, Copy, Debug)]
pub struct Element<'d> {
    document: &'d Document<'d>,
    index: usize,
}

impl<'a> Document<'a> {
    pub fn root(&self) -> Element<'_> {
        Element { document: self, index: 0 }
    }

    /// Whether a byte order mark stood before the text.
    pub fn byte_order_mark(&self) -> bool {
        self.byte_order_mark
    }
}

impl<'d> Element<'d> {
    fn node(&self) -> &'d Node<'d> {
        &self.document.nodes[self.index]
    }

    pub fn is(&self, uri: &str, local: &str) -> bool {
        let node = self.node();
        node.local == local && node.uri == uri
    }

    pub fn local(&self) -> &'d str {
        self.node().local
    }

    pub fn namespace(&self) -> &'d str {
        self.node().uri
    }

    /// An attribute without a namespace.
    pub fn attr(&self, local: &str) -> Option<&'d str> {
        self.attr_ns("", local)
    }

    pub fn attr_ns(&self, uri: &str, local: &str) -> Option<&'d str> {
        let attributes = &self.document.attributes[self.node().attributes.clone()];
        attributes.iter().find(|a| a.local == local && a.uri == uri).map(|a| a.value.as_ref())
    }

    /// Namespace, name and value of each attribute; declarations are none.
    pub fn attributes(&self) -> impl Iterator<Item = (&'d str, &'d str, &'d str)> + use<'d> {
        let attributes = &self.document.attributes[self.node().attributes.clone()];
        attributes.iter().map(|a| (a.uri, a.local, a.value.as_ref()))
    }

    /// The element's own character data.
    pub fn text(&self) -> &'d str {
        self.node().text.as_ref()
    }

    pub fn trimmed(&self) -> &'d str {
        self.text().trim()
    }

    pub fn children(&self) -> Children<'d> {
        Children { document: self.document, next: self.node().first_child }
    }

    pub fn child(&self, uri: &str, local: &str) -> Option<Element<'d>> {
        self.children().find(|child| child.is(uri, local))
    }

    pub fn children_named<'n>(
        &self,
        uri: &'n str,
        local: &'n str,
    ) -> impl Iterator<Item = Element<'d>> + use<'d, 'n> {
        self.children().filter(move |child| child.is(uri, local))
    }

    /// Follows child names of one namespace.
    pub fn path(&self, uri: &str, names: &[&str]) -> Option<Element<'d>> {
        names.iter().try_fold(*self, |element, name| element.child(uri, name))
    }

    /// The element as it was received, from `<` to `>`.
    pub fn source(&self) -> &'d str {
        &self.document.text[self.node().span.clone()]
    }

    /// Where that is in the text, after a byte order mark.
    pub fn span(&self) -> Range<usize> {
        self.node().span.clone()
    }

    /// What stands between the start tag and the end tag, as received.
    pub fn inner_source(&self) -> &'d str {
        let source = &self.document.text[self.node().start_end..self.node().span.end];
        source.rfind("</").map_or("", |end| &source[..end])
    }

    /// The start tag as received.
    pub fn start_tag(&self) -> &'d str {
        &self.document.text[self.node().span.start..self.node().start_end]
    }

    /// Namespace declarations in force here, innermost last; a later one shadows an earlier one.
    pub fn namespaces(&self) -> impl Iterator<Item = (&'d str, &'d str)> + use<'d> {
        let bindings = &self.document.bindings[self.node().bindings.clone()];
        bindings.iter().map(|binding| (binding.prefix, binding.uri))
    }

    /// Whether the element's own start tag declares a prefix; the empty one is the default.
    pub fn declares(&self, prefix: &str) -> bool {
        let node = self.node();
        let bindings = &self.document.bindings[node.bindings.clone()];
        bindings.iter().rev().take(node.declared).any(|binding| binding.prefix == prefix)
    }

    /// The element and everything below it, in document order.
    pub fn descendants(&self) -> impl Iterator<Item = Element<'d>> + use<'d> {
        let end = self.node().span.end;
        let document = self.document;
        let last = document.nodes[self.index..].partition_point(|node| node.span.start < end);
        (self.index..self.index + last).map(move |index| Element { document, index })
    }
}

/// Child elements in document order.
pub struct Children<'d> {
    document: &'d Document<'d>,
    next: Option<usize>,
}

impl<'d> Iterator for Children<'d> {
    type Item = Element<'d>;

    fn next(&mut self) -> Option<Self::Item> {
        let index = self.next?;
        self.next = self.document.nodes[index].next_sibling;
        Some(Element { document: self.document, index })
    }
}
