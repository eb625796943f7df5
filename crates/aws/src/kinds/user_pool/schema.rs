//! A pool's attributes: the standard ones, which of them are required, and the custom ones. Pure.

use crate::spec::user_pool::{
    CustomAttribute, DataType, IS_NUMBER, STANDARD, StandardAttribute, UserPool,
};
use aws_sdk_cognitoidentityprovider::types::{
    AttributeDataType, NumberAttributeConstraintsType, SchemaAttributeType,
    StringAttributeConstraintsType,
};
use std::collections::{BTreeMap, BTreeSet};

/// The standard attributes that every user must have.
pub(super) fn required(live: &[SchemaAttributeType]) -> BTreeSet<String> {
    live.iter()
        .filter(|attribute| attribute.required() == Some(true))
        .filter_map(|attribute| attribute.name())
        .filter(|name| STANDARD.contains(name))
        .map(ToOwned::to_owned)
        .collect()
}

/// The standard attributes, each with all that can be said of it.
pub(super) fn standard(live: &[SchemaAttributeType]) -> BTreeMap<String, StandardAttribute> {
    let known = live.iter().filter_map(|it| Some((it, it.name()?)));
    known
        .filter(|(_, name)| STANDARD.contains(name))
        .map(|(attribute, name)| {
            let (min, max) = bounds(attribute);
            let read = StandardAttribute {
                required: Some(attribute.required().unwrap_or(false)),
                mutable: Some(attribute.mutable().unwrap_or(false)),
                min,
                max,
            };
            (name.to_owned(), read)
        })
        .collect()
}

/// What Cognito calls a custom attribute that only who manages users sees.
const DEVELOPERS: &str = "dev:";

/// The custom attributes by name, without the prefix `custom:`.
pub(super) fn custom(live: &[SchemaAttributeType]) -> BTreeMap<String, CustomAttribute> {
    live.iter()
        .filter_map(|attribute| {
            let name = attribute.name()?;
            let name = name.strip_prefix(DEVELOPERS).unwrap_or(name);
            Some((name.strip_prefix("custom:")?.to_owned(), read(attribute)?))
        })
        .collect()
}

/// The bounds of a text's length, or of a number. Cognito writes them as text (docs/aws.md §2).
fn bounds(live: &SchemaAttributeType) -> (Option<i64>, Option<i64>) {
    let bound = |text: Option<&str>| text.and_then(|text| text.parse().ok());
    match (
        live.string_attribute_constraints(),
        live.number_attribute_constraints(),
    ) {
        (_, Some(number)) => (bound(number.min_value()), bound(number.max_value())),
        (Some(text), None) => (bound(text.min_length()), bound(text.max_length())),
        (None, None) => (None, None),
    }
}

fn read(live: &SchemaAttributeType) -> Option<CustomAttribute> {
    let data_type = match live.attribute_data_type()? {
        AttributeDataType::String => DataType::String,
        AttributeDataType::Number => DataType::Number,
        AttributeDataType::Datetime => DataType::DateTime,
        AttributeDataType::Boolean => DataType::Boolean,
        _ => return None,
    };
    let (min, max) = match data_type.has_bounds() {
        true => bounds(live),
        false => (None, None),
    };
    Some(CustomAttribute {
        data_type,
        mutable: live.mutable().unwrap_or(false),
        developer_only: live.developer_only_attribute() == Some(true)
            || live.name().is_some_and(|it| it.starts_with(DEVELOPERS)),
        min,
        max,
    })
}

/// The schema to create a pool with.
pub(super) fn write(spec: &UserPool) -> Vec<SchemaAttributeType> {
    let required = spec.required();
    let said = spec.standard_attributes.iter().flatten();
    let names: BTreeSet<_> = required
        .iter()
        .copied()
        .chain(said.map(|(name, _)| name.as_str()))
        .collect();
    let standard = names.into_iter().map(|name| {
        let said = spec.standard_attributes.as_ref();
        let said = said
            .and_then(|it| it.get(name))
            .cloned()
            .unwrap_or_default();
        write_standard(name, required.contains(name), &said)
    });
    standard
        .chain(spec.custom_attributes.iter().flatten().map(write_custom))
        .collect()
}

/// One that is mutable unless it says otherwise: an immutable attribute could never be corrected, nor mapped
/// from an identity provider. Of the bounds, both are said or none.
fn write_standard(name: &str, required: bool, said: &StandardAttribute) -> SchemaAttributeType {
    let usual = StandardAttribute::usual(name);
    let is_bounded = said.min.is_some() || said.max.is_some();
    let min = said.min.or(usual.min).map(|it| it.to_string());
    let max = said.max.or(usual.max).map(|it| it.to_string());
    let schema = SchemaAttributeType::builder()
        .name(name)
        .required(required)
        .mutable(said.mutable.unwrap_or(true));
    match (is_bounded, name) {
        (false, _) => schema,
        (true, name) if name == IS_NUMBER => schema.number_attribute_constraints(numbers(min, max)),
        (true, _) => schema.string_attribute_constraints(lengths(min, max)),
    }
    .build()
}

fn lengths(min: Option<String>, max: Option<String>) -> StringAttributeConstraintsType {
    StringAttributeConstraintsType::builder()
        .set_min_length(min)
        .set_max_length(max)
        .build()
}

fn numbers(min: Option<String>, max: Option<String>) -> NumberAttributeConstraintsType {
    NumberAttributeConstraintsType::builder()
        .set_min_value(min)
        .set_max_value(max)
        .build()
}

/// A custom attribute as Cognito takes it; it adds the prefix `custom:` itself.
pub(super) fn write_custom((name, attribute): (&String, &CustomAttribute)) -> SchemaAttributeType {
    let CustomAttribute {
        data_type,
        mutable,
        developer_only,
        min,
        max,
    } = attribute;
    let (min, max) = (min.map(|it| it.to_string()), max.map(|it| it.to_string()));
    let is_bounded = min.is_some() || max.is_some();
    let schema = SchemaAttributeType::builder()
        .name(name)
        .mutable(*mutable)
        .set_developer_only_attribute(developer_only.then_some(true));
    match data_type {
        DataType::String => schema
            .attribute_data_type(AttributeDataType::String)
            .set_string_attribute_constraints(is_bounded.then(|| lengths(min, max))),
        DataType::Number => schema
            .attribute_data_type(AttributeDataType::Number)
            .set_number_attribute_constraints(is_bounded.then(|| numbers(min, max))),
        DataType::DateTime => schema.attribute_data_type(AttributeDataType::Datetime),
        DataType::Boolean => schema.attribute_data_type(AttributeDataType::Boolean),
    }
    .build()
}

/// The declared custom attributes that the pool does not have yet. One that it has and that is
/// declared otherwise was refused by the plan.
pub(super) fn additions(desired: &UserPool, live: &UserPool) -> Vec<SchemaAttributeType> {
    let is_there = |name: &String| {
        live.custom_attributes
            .as_ref()
            .is_some_and(|it| it.contains_key(name))
    };
    let declared = desired.custom_attributes.iter().flatten();
    declared
        .filter(|(name, _)| !is_there(name))
        .map(write_custom)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(data_type: DataType, min: Option<i64>, max: Option<i64>) -> CustomAttribute {
        CustomAttribute {
            data_type,
            mutable: true,
            developer_only: false,
            min,
            max,
        }
    }

    fn pool(attributes: &[(&str, CustomAttribute)]) -> UserPool {
        let named = attributes
            .iter()
            .map(|(name, attribute)| ((*name).to_owned(), attribute.clone()));
        UserPool {
            custom_attributes: Some(named.collect()),
            ..UserPool::named("pool")
        }
    }

    #[test]
    fn a_custom_attribute_reads_back_as_it_was_written() {
        for written in [
            attribute(DataType::String, Some(1), Some(20)),
            attribute(DataType::Number, Some(-5), None),
            attribute(DataType::DateTime, None, None),
            attribute(DataType::Boolean, None, None),
        ] {
            let name = "custom:it".to_owned();
            let live = write_custom((&name, &written));
            assert_eq!(
                custom(&[live]),
                BTreeMap::from([("it".to_owned(), written)])
            );
        }
    }

    #[test]
    fn required_attributes_read_back_and_sub_is_not_one() {
        let names = ["name", "phone_number"].map(ToOwned::to_owned);
        let spec = UserPool {
            required_attributes: Some(names.into()),
            ..UserPool::named("pool")
        };
        let mut live = write(&spec);
        live.push(
            SchemaAttributeType::builder()
                .name("sub")
                .required(true)
                .build(),
        );
        assert_eq!(Some(required(&live)), spec.required_attributes);
    }

    #[test]
    fn a_standard_attribute_reads_back_as_it_was_written() {
        for name in STANDARD {
            for (mutable, min, max) in [(Some(false), Some(1), Some(20)), (None, None, Some(9))] {
                let said = StandardAttribute {
                    required: Some(true),
                    mutable,
                    min,
                    max,
                };
                let spec = UserPool {
                    standard_attributes: Some([((*name).to_owned(), said.clone())].into()),
                    ..UserPool::named("pool")
                };
                let written = write(&spec);
                let live = standard(&written);
                let filled = StandardAttribute {
                    mutable: mutable.or(Some(true)),
                    min: min.or(StandardAttribute::usual(name).min),
                    ..said
                };
                assert_eq!(live[*name], filled, "{name}");
                assert!(required(&written).contains(*name));
            }
        }
    }

    #[test]
    fn what_only_developers_see_reads_back() {
        let hidden = CustomAttribute {
            developer_only: true,
            ..attribute(DataType::String, None, None)
        };
        let live = |name: &str| {
            let it = SchemaAttributeType::builder().name(name).mutable(true);
            it.attribute_data_type(AttributeDataType::String).build()
        };
        let read = custom(&[live("dev:custom:it"), live("custom:other")]);
        assert_eq!(read["it"], hidden);
        assert!(!read["other"].developer_only);
        let sent = write_custom((&"it".to_owned(), &hidden));
        assert_eq!(sent.developer_only_attribute(), Some(true));
    }

    #[test]
    fn an_attribute_that_is_not_there_is_added() {
        let desired = pool(&[("level", attribute(DataType::Number, None, None))]);
        let added = additions(&desired, &pool(&[]));
        assert_eq!(added.len(), 1);
        assert!(additions(&desired, &desired).is_empty());
    }
}
