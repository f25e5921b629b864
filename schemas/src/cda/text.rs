//! The text of a narrative block: what a person would read, without the markup.

use crate::xml::Element;

/// Markup inside a word or sentence; any other element ends one.
const INLINE: [&str; 6] = ["content", "sub", "sup", "linkHtml", "footnoteRef", "caption"];

/// At most `limit` characters, white space collapsed. A tag of a block counts as a space.
pub(super) fn plain(element: Element<'_>, limit: usize) -> String {
    let mut out = Plain { text: String::new(), left: limit, space: false };
    let mut rest = element.inner_source();
    while !rest.is_empty() && out.left > 0 {
        match rest.strip_prefix('<') {
            Some(markup) => rest = out.markup(markup),
            None => {
                let (text, after) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
                match quick_xml::escape::unescape(text) {
                    Ok(text) => out.push(&text),
                    Err(_) => out.push(text),
                }
                rest = after;
            }
        }
    }
    out.text
}

struct Plain {
    text: String,
    left: usize,
    space: bool,
}

impl Plain {
    fn push(&mut self, text: &str) {
        for c in text.chars() {
            if c.is_whitespace() {
                self.space = true;
                continue;
            }
            if self.space && !self.text.is_empty() {
                self.one(' ');
            }
            self.space = false;
            self.one(c);
        }
    }

    fn one(&mut self, c: char) {
        if self.left > 0 {
            self.left -= 1;
            self.text.push(c);
        }
    }

    /// Takes what follows a `<`; the text is known to be well-formed.
    fn markup<'t>(&mut self, markup: &'t str) -> &'t str {
        if let Some(data) = markup.strip_prefix("![CDATA[") {
            let (data, rest) = data.split_once("]]>").unwrap_or((data, ""));
            self.push(data);
            return rest;
        }
        if let Some(comment) = markup.strip_prefix("!--") {
            return comment.split_once("-->").map_or("", |(_, rest)| rest);
        }
        let name = markup.trim_start_matches('/');
        let name =
            name.split(|c: char| !(c.is_alphanumeric() || c == ':')).next().unwrap_or_default();
        let local = name.rsplit(':').next().unwrap_or_default();
        self.space |= !INLINE.contains(&local);
        tag_end(markup)
    }
}

/// What follows the end of a tag: a `>` inside a quoted value is not one.
fn tag_end(markup: &str) -> &str {
    let mut quote = None;
    for (at, c) in markup.char_indices() {
        match (quote, c) {
            (None, '>') => return &markup[at + 1..],
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::Document;

    fn text(xml: &str, limit: usize) -> String {
        let document = Document::parse(xml, &Default::default()).unwrap();
        plain(document.root(), limit)
    }

    #[test]
    fn blocks_part_words_and_inline_markup_does_not() {
        assert_eq!(text("<t>One<br/>two</t>", 100), "One two");
        assert_eq!(
            text("<t>5<sup>th</sup> of <content ID='a'>May</content></t>", 100),
            "5th of May"
        );
        assert_eq!(text("<t><list><item>A</item><item>B</item></list></t>", 100), "A B");
        assert_eq!(text("<t>a &amp; b<!-- no --><![CDATA[ <c> ]]>&#65;</t>", 100), "a & b <c> A");
        assert_eq!(text("<t><td abbr='a > b'>x</td></t>", 100), "x");
        assert_eq!(text("<t/>", 100), "");
    }

    #[test]
    fn no_more_is_taken_than_was_asked_for() {
        assert_eq!(text("<t>abcdef</t>", 3), "abc");
        assert_eq!(text("<t>a b</t>", 2), "a ");
    }
}
