//! The retention schedule as data: a versioned file, so that a region follows a new edition of the
//! Records Management Code without a release.

use super::Subject;
use schemas::code_set::CodeSets;
use serde::Deserialize;
use std::collections::HashSet;

/// No period of the schedule is longer.
const YEARS_MAX: i16 = 200;

/// What a period is counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// The last date that any document of the patient and the publisher is about.
    LastContact,
    /// The patient's death; unknown until a document states it.
    Death,
}

/// Until when a child's documents are kept, whatever else is said of them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChildPeriod {
    pub until_birthday: i16,
    /// Where the child was 17 at the last contact.
    pub until_birthday_if_17: i16,
    #[serde(default)]
    pub or_years_after_death: Option<i16>,
    pub source: String,
}

/// A document type as an index row has it: its code, and the practice setting where several
/// document types share that code.
type Kind = (String, Option<String>);

/// One row of the schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub name: String,
    pub years: i16,
    pub from: Event,
    pub or_years_after_death: Option<i16>,
    /// Also until a child has grown up.
    pub children: bool,
    /// The row of the schedule that it follows.
    pub source: String,
    is_default: bool,
    kinds: Vec<Kind>,
    practice_settings: Vec<String>,
    class_codes: Vec<String>,
}

/// The schedule, consistent in itself and with the code sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetentionTable {
    pub version: String,
    pub source: String,
    pub child: ChildPeriod,
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableFile {
    version: String,
    source: String,
    child: ChildPeriod,
    #[serde(default)]
    rule: Vec<RuleFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    name: String,
    #[serde(default)]
    default: bool,
    years: i16,
    from: Event,
    #[serde(default)]
    or_years_after_death: Option<i16>,
    #[serde(default = "yes")]
    children: bool,
    #[serde(default)]
    document_types: Vec<String>,
    #[serde(default)]
    type_codes: Vec<String>,
    #[serde(default)]
    practice_settings: Vec<String>,
    #[serde(default)]
    class_codes: Vec<String>,
    source: String,
}

fn yes() -> bool {
    true
}

impl RetentionTable {
    /// Reads a table, or says everything that is wrong with it.
    pub fn read(text: &str, code_sets: &CodeSets) -> Result<Self, Vec<String>> {
        let file: TableFile = toml::from_str(text).map_err(|error| vec![error.to_string()])?;
        let problems = problems(&file, Some(code_sets));
        if problems.is_empty() { Ok(Self::of(file, code_sets)) } else { Err(problems) }
    }

    /// Reads the hub's own table for a region's code sets: codes that they do not have cannot be
    /// registered either, and the default keeps what no other rule does.
    pub fn read_embedded(text: &str, code_sets: &CodeSets) -> Result<Self, Vec<String>> {
        let file: TableFile = toml::from_str(text).map_err(|error| vec![error.to_string()])?;
        let problems = problems(&file, None);
        if problems.is_empty() { Ok(Self::of(file, code_sets)) } else { Err(problems) }
    }

    fn of(file: TableFile, code_sets: &CodeSets) -> Self {
        let rules = file.rule.into_iter().map(|rule| rule.resolved(code_sets)).collect();
        Self { version: file.version, source: file.source, child: file.child, rules }
    }

    /// The rules that keep a document: at least one, since the default fits what no other does.
    pub fn rules_for<'t>(&'t self, subject: &Subject) -> Vec<&'t Rule> {
        let fitting: Vec<&Rule> = self.rules.iter().filter(|rule| rule.fits(subject)).collect();
        if fitting.is_empty() {
            return self.rules.iter().filter(|rule| rule.is_default).collect();
        }
        fitting
    }

    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// No document may go earlier than so many years after its last date: what is younger need not
    /// be looked at.
    pub fn shortest_years(&self) -> i16 {
        let years =
            |rule: &Rule| rule.or_years_after_death.map_or(rule.years, |y| y.min(rule.years));
        self.rules.iter().map(years).min().unwrap_or(YEARS_MAX)
    }
}

impl Rule {
    fn fits(&self, subject: &Subject) -> bool {
        let is_kind = |(code, setting): &Kind| {
            *code == subject.type_code
                && setting.as_ref().is_none_or(|setting| *setting == subject.practice_setting)
        };
        self.kinds.iter().any(is_kind)
            || self.practice_settings.contains(&subject.practice_setting)
            || subject.class_code.as_ref().is_some_and(|code| self.class_codes.contains(code))
    }
}

impl RuleFile {
    fn resolved(self, code_sets: &CodeSets) -> Rule {
        let named = self.document_types.iter().filter_map(|name| code_sets.by_name(name));
        let named = named.flat_map(|known| {
            let settings = known.own_settings().map(|setting| Some(setting.to_owned()));
            let settings = if known.by_setting { settings.collect() } else { vec![None] };
            settings.into_iter().map(|setting| (known.type_code.clone(), setting))
        });
        let coded = self.type_codes.iter();
        let coded = coded.map(|code| (code_sets.canonical_type(code).to_owned(), None));
        Rule {
            kinds: named.chain(coded).collect(),
            name: self.name,
            years: self.years,
            from: self.from,
            or_years_after_death: self.or_years_after_death,
            children: self.children,
            source: self.source,
            is_default: self.default,
            practice_settings: self.practice_settings,
            class_codes: self.class_codes,
        }
    }

    fn is_bound(&self) -> bool {
        let lists =
            [&self.document_types, &self.type_codes, &self.practice_settings, &self.class_codes];
        lists.iter().any(|list| !list.is_empty())
    }

    fn problems(&self, code_sets: Option<&CodeSets>) -> Vec<String> {
        let mut found = Vec::new();
        if !(1..=YEARS_MAX).contains(&self.years) {
            found.push(format!("years is {}; it must be 1 to {YEARS_MAX}", self.years));
        }
        match self.or_years_after_death {
            Some(_) if self.from == Event::Death => {
                found.push("or_years_after_death belongs to from = \"last-contact\"".to_owned());
            }
            Some(years) if !(1..=YEARS_MAX).contains(&years) => {
                found.push(format!("or_years_after_death is {years}; it must be 1 to {YEARS_MAX}"));
            }
            _ => {}
        }
        if self.source.trim().is_empty() {
            found.push("source is empty: name the row of the schedule".to_owned());
        }
        if self.default == self.is_bound() {
            found.push(
                "list document_types, type_codes, practice_settings or class_codes, or set default = true, and not both".to_owned(),
            );
        }
        let Some(code_sets) = code_sets else { return found };
        let unknown = self.document_types.iter().filter(|name| code_sets.by_name(name).is_none());
        found.extend(unknown.map(|name| format!("the code sets have no document type {name:?}")));
        for (attribute, codes) in [
            ("typeCode", &self.type_codes),
            ("practiceSettingCode", &self.practice_settings),
            ("classCode", &self.class_codes),
        ] {
            let unknown = codes.iter().filter(|code| code_sets.display(attribute, code).is_none());
            found.extend(unknown.map(|code| format!("the code sets have no {attribute} {code:?}")));
        }
        found
    }
}

fn problems(file: &TableFile, code_sets: Option<&CodeSets>) -> Vec<String> {
    let mut found = Vec::new();
    if file.version.trim().is_empty() || file.source.trim().is_empty() {
        found.push("version and source must not be empty: certificates name them".to_owned());
    }
    let child = &file.child;
    if !(18..=100).contains(&child.until_birthday)
        || child.until_birthday_if_17 < child.until_birthday
    {
        found.push(
            "[child] until_birthday must be 18 to 100, and until_birthday_if_17 not less"
                .to_owned(),
        );
    }
    let defaults = file.rule.iter().filter(|rule| rule.default).count();
    if defaults != 1 {
        found.push(format!("{defaults} rules have default = true; exactly one must"));
    }
    let mut names = HashSet::new();
    for rule in &file.rule {
        if rule.name.trim().is_empty() || !names.insert(rule.name.as_str()) {
            found.push(format!("rule {:?}: the name is empty or not its own", rule.name));
        }
        let of_rule = rule.problems(code_sets).into_iter();
        found.extend(of_rule.map(|problem| format!("rule {:?}: {problem}", rule.name)));
    }
    found
}
