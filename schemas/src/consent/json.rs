//! JSON as it stands: a name that stands twice in an object is an error, since two readers could
//! take two different values for it.

use super::ConsentError;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

pub(super) enum Json {
    Text(String),
    /// A number, a truth value or null: nothing that is read here is one.
    Other,
    Array(Vec<Self>),
    Object(Vec<(String, Self)>),
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Json, A::Error> {
        let mut object: Vec<(String, Json)> = Vec::new();
        while let Some((name, value)) = fields.next_entry::<String, Json>()? {
            if object.iter().any(|(known, _)| *known == name) {
                return Err(A::Error::custom("a name stands twice in one object"));
            }
            object.push((name, value));
        }
        Ok(Json::Object(object))
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

/// A value with its place.
#[derive(Clone)]
pub(super) struct At<'j> {
    pub path: String,
    value: &'j Json,
}

type Found<T> = Result<T, ConsentError>;

impl<'j> At<'j> {
    pub(super) fn root(value: &'j Json, name: &str) -> Self {
        Self { path: name.to_owned(), value }
    }

    pub(super) fn wrong<T>(&self, rule: &'static str) -> Found<T> {
        Err(ConsentError::Value(self.path.clone(), rule))
    }

    /// The fields of an object that has no others than these.
    pub(super) fn fields(&self, known: &[&str]) -> Found<Fields<'j>> {
        let Json::Object(fields) = self.value else { return self.wrong("an object") };
        match fields.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(ConsentError::Unknown(format!("{}.{}", self.path, shown(name)))),
            None => Ok(Fields { path: self.path.clone(), fields }),
        }
    }

    pub(super) fn items(&self) -> Found<Vec<Self>> {
        let Json::Array(items) = self.value else { return self.wrong("an array") };
        let at = |(n, value)| At { path: format!("{}[{n}]", self.path), value };
        Ok(items.iter().enumerate().map(at).collect())
    }

    pub(super) fn text(&self) -> Found<&'j str> {
        match self.value {
            Json::Text(text) if !text.is_empty() => Ok(text),
            _ => self.wrong("text"),
        }
    }
}

/// A name as FHIR has them; another could carry anything.
fn shown(name: &str) -> &str {
    let plain = name.len() <= 40 && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
    if plain { name } else { "(a name that FHIR does not know)" }
}

pub(super) struct Fields<'j> {
    path: String,
    fields: &'j [(String, Json)],
}

impl<'j> Fields<'j> {
    pub(super) fn get(&self, name: &str) -> Option<At<'j>> {
        let (_, value) = self.fields.iter().find(|(known, _)| known == name)?;
        Some(At { path: format!("{}.{name}", self.path), value })
    }

    pub(super) fn need(&self, name: &str) -> Found<At<'j>> {
        self.get(name).ok_or_else(|| ConsentError::Missing(format!("{}.{name}", self.path)))
    }

    /// The items of an array that may be absent.
    pub(super) fn items(&self, name: &str) -> Found<Vec<At<'j>>> {
        self.get(name).map_or(Ok(Vec::new()), |at| at.items())
    }
}
