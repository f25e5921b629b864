//! The handling specification: which interaction it is, and which answers are wanted.

use super::distribution_error::DistributionErrorCode as De;
use super::warning::{Deviation, Warnings};
use super::{HANDLING_PREFIX, INTERACTION_PREFIX, ItkFault, NAMESPACE};
use crate::xml::Element;

/// Printed in one national page and used by its readers.
const MISPRINTED_PREFIX: &str = "urn:nhs:itk:ns:201005:";
const SPECS_MAX: usize = 50;

/// What a sender wishes; what it does not say, it does not wish.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    pub interaction: Option<String>,
    pub infrastructure_ack: bool,
    pub business_ack: bool,
    pub business_response: bool,
}

pub(super) fn read(
    handling: Option<Element<'_>>,
    warnings: &mut Warnings,
) -> Result<Wishes, ItkFault> {
    let mut wishes = Wishes::default();
    let mut seen = Vec::new();
    let specs = handling.into_iter().flat_map(|list| list.children_named(NAMESPACE, "spec"));
    for spec in specs.take(SPECS_MAX) {
        let text = |name: &str| {
            spec.attr(name)
                .map(str::trim)
                .ok_or_else(|| ItkFault::in_part(De::Spec, format!("itk:spec/@{name} is required")))
        };
        let (key, value) = (text("key")?, text("value")?);
        if seen.contains(&key) {
            let what = "itk:handlingSpecification has a key twice: each key may be given once";
            return Err(ItkFault::in_part(De::Spec, what));
        }
        seen.push(key);
        match name(key, warnings) {
            "interaction" => {
                let bare = value.strip_prefix(INTERACTION_PREFIX).unwrap_or(value);
                wishes.interaction = Some(bare.to_owned());
            }
            "infackrequested" => wishes.infrastructure_ack = flag(key, value, warnings)?,
            "ackrequested" => wishes.business_ack = flag(key, value, warnings)?,
            "busresponserequested" => wishes.business_response = flag(key, value, warnings)?,
            _ => warnings.add(Deviation::UnknownSpec),
        }
    }
    Ok(wishes)
}

/// A key without its URN prefix.
fn name<'d>(key: &'d str, warnings: &mut Warnings) -> &'d str {
    if let Some(name) = key.strip_prefix(HANDLING_PREFIX) {
        return name;
    }
    let name = key.strip_prefix(MISPRINTED_PREFIX).unwrap_or_default();
    if !name.is_empty() {
        warnings.add(Deviation::SpecKeyForm);
    }
    name
}

fn flag(key: &str, value: &str, warnings: &mut Warnings) -> Result<bool, ItkFault> {
    let name = key.rsplit(':').next().unwrap_or_default();
    if !["true", "false"].contains(&value) {
        warnings.at(Deviation::FlagForm, format!("itk:spec {name}"));
    }
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => {
            let what = format!("itk:spec {name}: its value must be true or false");
            Err(ItkFault::in_part(De::Spec, what))
        }
    }
}
