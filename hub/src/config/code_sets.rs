//! The affinity domain's code sets: the embedded ones, a file of the hub's own form, or a test bed's
//! `codes.xml`, under the modes of `[registry.codes]`.

use super::Config;
use repository::arrival::UnknownTypes;
use schemas::code_set::{ATTRIBUTES, BYTES_MAX, CodeSets, Imported, MIME_TYPE, Source};
use std::path::Path;

/// Code sets that a hub can run under, and what there is to say of them.
pub struct Loaded {
    pub code_sets: CodeSets,
    pub notes: Vec<String>,
}

/// Reads the configured file; every problem at once.
pub fn load(config: &Config) -> Result<Loaded, String> {
    let path = config.hub.code_sets.as_deref();
    let (mut read, text) = match path {
        Some(path) => {
            read(path).map_err(|error| format!("hub.code_sets: {}: {error}", path.display()))?
        }
        None => {
            let code_sets = crate::fixtures::code_sets()?;
            let text = Some(crate::fixtures::CODE_SETS.to_owned());
            (Imported { code_sets, ignored: Vec::new() }, text)
        }
    };
    read.code_sets.set_modes(&config.registry.codes).map_err(|unknown| {
        let known = ATTRIBUTES.join(", ");
        format!(
            "registry.codes: {unknown:?} is no coded attribute: use one of {known}, {MIME_TYPE}"
        )
    })?;
    read.code_sets.mapping.default_unknown_types |=
        config.itk.unknown_types == UnknownTypes::Default;
    let source = text.as_deref().map_or(Source::CodesXml, Source::Own);
    let mut findings = read.code_sets.findings(source);
    findings
        .notes
        .extend(read.ignored.iter().map(|what| format!("{what} in the file is not used")));
    if findings.problems.is_empty() {
        return Ok(Loaded { code_sets: read.code_sets, notes: findings.notes });
    }
    let name = path.map_or("embedded code sets".into(), Path::to_string_lossy);
    let problems = findings.problems.iter();
    let problems: Vec<_> = problems.map(|what| format!("hub.code_sets: {name}: {what}")).collect();
    Err(problems.join("\n"))
}

/// The code sets, and the file's text where it is of the hub's own form.
fn read(path: &Path) -> Result<(Imported, Option<String>), String> {
    let size = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > BYTES_MAX as u64 {
        return Err(format!("the file has more than {BYTES_MAX} bytes"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    if !text.trim_start_matches('\u{feff}').trim_start().starts_with('<') {
        let code_sets = toml::from_str(&text).map_err(|error| error.to_string())?;
        return Ok((Imported { code_sets, ignored: Vec::new() }, Some(text)));
    }
    let version = path.file_name().unwrap_or_default().to_string_lossy();
    let imported = crate::fixtures::code_sets()?.with_codes_xml(&text, &version);
    Ok((imported.map_err(|error| error.to_string())?, None))
}
