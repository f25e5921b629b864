//! Rust files, read as far as tidiness needs: the code without comments and literals, the
//! literals by themselves, the parts compiled for tests only, and how long each function is.

use std::ops::Range;
use std::path::{Path, PathBuf};

/// The workspace's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file of the workspace, as paths from its root with `/`. Hidden folders, build output and
/// the data folder that a hub run from here makes are not part of it.
pub fn files() -> Vec<String> {
    let mut found = Vec::new();
    walk(&root(), "", &mut found);
    found.sort();
    found
}

fn walk(folder: &Path, prefix: &str, found: &mut Vec<String>) {
    let entries = std::fs::read_dir(folder).expect("a folder of the workspace can be listed");
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let skipped = name.starts_with('.') || name == "target";
        if skipped || (prefix.is_empty() && name == "data") {
            continue;
        }
        let path = format!("{prefix}{name}");
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            walk(&entry.path(), &format!("{path}/"), found);
        } else {
            found.push(path);
        }
    }
}

/// A file of the workspace.
pub fn text_of(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A string literal: where its quote stands, and its content as written.
pub struct Literal {
    pub at: usize,
    pub text: String,
}

/// A function with a body.
pub struct Function {
    pub name: String,
    pub line: usize,
    pub lines: usize,
}

pub struct Source {
    pub path: String,
    pub text: String,
    /// The text with comments and literals blanked, byte for byte as long.
    pub code: String,
    pub literals: Vec<Literal>,
    tests: Vec<Range<usize>>,
}

impl Source {
    pub fn read(path: &str) -> Self {
        Self::of(path, text_of(path))
    }

    pub fn of(path: &str, text: String) -> Self {
        let (code, literals) = code_and_literals(&text);
        let tests = test_parts(&code);
        Self { path: path.to_owned(), text, code, literals, tests }
    }

    /// Whether this is part of the suite, or of a crate's own tests, as a whole.
    pub fn is_test(&self) -> bool {
        self.path.starts_with("tests/") || self.path.ends_with("/tests.rs")
    }

    /// Whether the byte belongs to what is shipped.
    pub fn ships(&self, at: usize) -> bool {
        !self.is_test() && !self.tests.iter().any(|part| part.contains(&at))
    }

    pub fn line(&self, at: usize) -> usize {
        line_of(&self.code, at)
    }

    /// Where the needle occurs in shipped code.
    pub fn shipped_uses<'s>(&'s self, needle: &'s str) -> impl Iterator<Item = usize> + 's {
        self.code.match_indices(needle).map(|(at, _)| at).filter(|at| self.ships(*at))
    }

    /// The literals of shipped code.
    pub fn shipped_literals(&self) -> impl Iterator<Item = &Literal> {
        self.literals.iter().filter(|literal| self.ships(literal.at))
    }

    /// Every function that has a body, nested ones too; from the line of `fn` to its last brace.
    pub fn functions(&self) -> Vec<Function> {
        let mut found = Vec::new();
        for (at, _) in self.code.match_indices("fn ") {
            let name: String = self.code[at + 3..].chars().take_while(|c| is_word(*c)).collect();
            let inside_word = self.code[..at].chars().next_back().is_some_and(is_word);
            if name.is_empty() || inside_word {
                continue;
            }
            if let Some(body) = body(&self.code, at) {
                let line = self.line(at);
                found.push(Function { name, line, lines: self.line(body.end) - line + 1 });
            }
        }
        found
    }
}

pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The braces of the item that begins at `at`; `None` where a semicolon comes first.
fn body(code: &str, at: usize) -> Option<Range<usize>> {
    let bytes = code.as_bytes();
    let mut nested = 0usize;
    let mut open = at;
    loop {
        match bytes.get(open)? {
            b'(' | b'[' => nested += 1,
            b')' | b']' => nested = nested.saturating_sub(1),
            b'{' if nested == 0 => break,
            b';' if nested == 0 => return None,
            _ => {}
        }
        open += 1;
    }
    let mut depth = 0usize;
    for (offset, byte) in bytes[open..].iter().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(open..open + offset),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// What `#[cfg(test)]` and `#[test]` stand before.
fn test_parts(code: &str) -> Vec<Range<usize>> {
    let marks = ["#[cfg(test)]", "#[test]"];
    let marks = marks.iter().flat_map(|mark| code.match_indices(*mark));
    let starts = marks.map(|(at, mark)| (at, at + mark.len()));
    let part = |(at, after): (usize, usize)| match body(code, after) {
        Some(body) => at..body.end,
        None => at..code[after..].find(';').map_or(code.len(), |end| after + end),
    };
    starts.map(part).collect()
}

fn code_and_literals(text: &str) -> (String, Vec<Literal>) {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut literals = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let end = if rest.starts_with(b"//") {
            text[at..].find('\n').map_or(bytes.len(), |length| at + length)
        } else if rest.starts_with(b"/*") {
            comment_end(bytes, at)
        } else if let Some((content, end)) = literal(text, at) {
            literals.push(Literal { at, text: text[content].to_owned() });
            end
        } else if let Some(end) = character(text, at) {
            end
        } else {
            at += 1;
            continue;
        };
        code[at..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
        at = end;
    }
    (String::from_utf8(code).expect("whole literals and comments were blanked"), literals)
}

/// Block comments nest.
fn comment_end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0usize;
    let mut at = start;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if bytes[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    bytes.len()
}

/// A string, raw or not, that begins here: its content, and where it ends. The letters `b` and `c`
/// before it may stay in the code.
fn literal(text: &str, at: usize) -> Option<(Range<usize>, usize)> {
    let rest = &text[at..];
    if let Some(raw) = rest.strip_prefix('r') {
        let hashes = raw.bytes().take_while(|byte| *byte == b'#').count();
        let content = raw[hashes..].strip_prefix('"')?;
        let close = format!("\"{}", "#".repeat(hashes));
        let length = content.find(&close)?;
        let start = at + 1 + hashes + 1;
        return Some((start..start + length, start + length + close.len()));
    }
    let content = rest.strip_prefix('"')?;
    let mut escaped = false;
    for (offset, byte) in content.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some((at + 1..at + 1 + offset, at + offset + 2)),
            _ => {}
        }
    }
    None
}

/// The end of a character literal; `None` for a lifetime.
fn character(text: &str, at: usize) -> Option<usize> {
    let content = text[at..].strip_prefix('\'')?;
    let first = content.chars().next()?;
    let shortest = if first == '\\' { 2 } else { first.len_utf8() };
    let close = content.get(shortest..)?.find('\'')?;
    (first == '\\' || close == 0).then_some(at + 1 + shortest + close + 1)
}

#[test]
fn the_reader_tells_code_from_text() {
    let text = concat!(
        "fn a<'x>(b: [u8; 2]) -> char {\n // } \"\n let s = \"{ \\\" }\";\n",
        " let r = br#\"\"{\"#; /* { /* */ { */ 'x: loop { break 'x } '{'; '\\''; '\u{e9}'\n}\n",
        "fn c();\n#[cfg(test)]\nmod tests {\n fn d() { e() }\n}\nfn f() { g() }\n",
    );
    let source = Source::of("a.rs", text.to_owned());
    let functions: Vec<_> = source.functions().into_iter().map(|f| (f.name, f.lines)).collect();
    assert_eq!(functions, [("a".to_owned(), 5), ("d".to_owned(), 1), ("f".to_owned(), 1)]);
    let literals: Vec<_> = source.literals.iter().map(|literal| literal.text.as_str()).collect();
    assert_eq!(literals, ["{ \\\" }", "\"{"]);
    assert_eq!(source.shipped_uses("e()").count(), 0);
    assert_eq!(source.shipped_uses("g()").count(), 1);
    assert_eq!(source.code.len(), text.len());
}
