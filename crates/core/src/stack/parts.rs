//! What a table holds by name that is a kind of its own and no more than that, such as a pool's groups:
//! stack.toml's code knows such kinds by their traits alone. Pure.

use crate::spec::{
    Part, Produces, Spec, Traits, every_kind, parts_of, rest_api::RestApi, user_pool::UserPool,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};
use std::{borrow::Cow, collections::BTreeMap, marker::PhantomData};

/// The parts of what `P` is, by the name of their table and their own.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Parts<P> {
    tables: BTreeMap<String, BTreeMap<String, Value>>,
    #[serde(skip)]
    of: PhantomData<fn() -> P>,
}

impl<P: Spec> Parts<P> {
    /// Those that `each` has of a kind.
    pub(super) fn gathered(mut each: impl FnMut(&Traits) -> BTreeMap<String, Value>) -> Self {
        let tables = kinds::<P>().map(|(kind, _)| (kind.table.to_owned(), each(&kind)));
        Self {
            tables: tables.collect(),
            of: PhantomData,
        }
    }

    /// Whether there is one of a kind and this name.
    pub(super) fn has(&self, kind: &Traits, name: &str) -> bool {
        self.of(kind).any(|(it, _)| it == name)
    }

    /// Those of a kind, by their names.
    pub(super) fn of(&self, kind: &Traits) -> impl Iterator<Item = (&String, &Value)> {
        self.tables.get(kind.table).into_iter().flatten()
    }
}

fn kinds<P: Spec>() -> impl Iterator<Item = (Traits, Part)> {
    parts_of(P::NAME)
}

impl<'de, P: Spec> Deserialize<'de> for Parts<P> {
    /// Out of a table that has other keys as well.
    fn deserialize<D: Deserializer<'de>>(table: D) -> Result<Self, D::Error> {
        let mut table = Map::deserialize(table)?;
        let tables = kinds::<P>().filter_map(|(kind, _)| Some((kind, table.remove(kind.table)?)));
        let tables = tables.map(|(kind, parts)| {
            let parts = serde_json::from_value(parts).map_err(serde::de::Error::custom)?;
            Ok((kind.table.to_owned(), parts))
        });
        Ok(Self {
            tables: tables.collect::<Result<_, D::Error>>()?,
            of: PhantomData,
        })
    }
}

impl<P: Spec> JsonSchema for Parts<P> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("PartsOf{}", P::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let tables = kinds::<P>().map(|(kind, part)| {
            let mut schema = (part.schema)(generator);
            schema.insert("description".into(), json!(part.about));
            (kind.table.to_owned(), schema.to_value())
        });
        let tables: Map<_, _> = tables.collect();
        json_schema!({ "type": "object", "properties": tables })
    }
}

/// The tables of stack.toml that have parts, and what each is.
pub(super) const OWNERS: [(&str, &str); 2] =
    [("user_pool", UserPool::NAME), ("api", RestApi::NAME)];

/// The names of the tables, under which each of these has parts.
pub(super) fn tables(parent: &str) -> Vec<&'static str> {
    parts_of(parent).map(|(kind, _)| kind.table).collect()
}

/// The names of the parts' types in the schema.
pub(super) fn types() -> Vec<Cow<'static, str>> {
    fn name<S: Spec>() -> Option<Cow<'static, str>> {
        S::TRAITS.part.map(|_| S::schema_name())
    }
    every_kind!(name).into_iter().flatten().collect()
}
