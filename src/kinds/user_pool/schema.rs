//! A pool's attributes: which standard ones are required, and the custom ones. Pure.

use crate::spec::user_pool::{CustomAttribute, DataType, STANDARD, UserPool};
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

/// The custom attributes by name, without the prefix `custom:`.
pub(super) fn custom(live: &[SchemaAttributeType]) -> BTreeMap<String, CustomAttribute> {
    live.iter()
        .filter_map(|attribute| {
            let name = attribute.name()?.strip_prefix("custom:")?;
            Some((name.to_owned(), read(attribute)?))
        })
        .collect()
}

fn read(live: &SchemaAttributeType) -> Option<CustomAttribute> {
    let (text, number) = (
        live.string_attribute_constraints(),
        live.number_attribute_constraints(),
    );
    // Cognito writes bounds as text (docs/aws.md §2).
    let bound = |text: Option<&str>| text.and_then(|text| text.parse().ok());
    let (data_type, min, max) = match live.attribute_data_type()? {
        AttributeDataType::String => (
            DataType::String,
            bound(text.and_then(|it| it.min_length())),
            bound(text.and_then(|it| it.max_length())),
        ),
        AttributeDataType::Number => (
            DataType::Number,
            bound(number.and_then(|it| it.min_value())),
            bound(number.and_then(|it| it.max_value())),
        ),
        AttributeDataType::Datetime => (DataType::DateTime, None, None),
        AttributeDataType::Boolean => (DataType::Boolean, None, None),
        _ => return None,
    };
    Some(CustomAttribute {
        data_type,
        mutable: live.mutable().unwrap_or(false),
        min,
        max,
    })
}

/// The schema to create a pool with.
pub(super) fn write(spec: &UserPool) -> Vec<SchemaAttributeType> {
    let required = spec.required_attributes.iter().flatten().map(|name| {
        // An immutable attribute could never be corrected, nor mapped from an identity provider.
        SchemaAttributeType::builder()
            .name(name)
            .required(true)
            .mutable(true)
            .build()
    });
    required
        .chain(spec.custom_attributes.iter().flatten().map(write_custom))
        .collect()
}

/// A custom attribute as Cognito takes it; it adds the prefix `custom:` itself.
pub(super) fn write_custom((name, attribute): (&String, &CustomAttribute)) -> SchemaAttributeType {
    let CustomAttribute {
        data_type,
        mutable,
        min,
        max,
    } = attribute;
    let (min, max) = (min.map(|it| it.to_string()), max.map(|it| it.to_string()));
    let is_bounded = min.is_some() || max.is_some();
    let schema = SchemaAttributeType::builder().name(name).mutable(*mutable);
    match data_type {
        DataType::String => schema
            .attribute_data_type(AttributeDataType::String)
            .set_string_attribute_constraints(is_bounded.then(|| {
                StringAttributeConstraintsType::builder()
                    .set_min_length(min)
                    .set_max_length(max)
                    .build()
            })),
        DataType::Number => schema
            .attribute_data_type(AttributeDataType::Number)
            .set_number_attribute_constraints(is_bounded.then(|| {
                NumberAttributeConstraintsType::builder()
                    .set_min_value(min)
                    .set_max_value(max)
                    .build()
            })),
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
    fn an_attribute_that_is_not_there_is_added() {
        let desired = pool(&[("level", attribute(DataType::Number, None, None))]);
        let added = additions(&desired, &pool(&[]));
        assert_eq!(added.len(), 1);
        assert!(additions(&desired, &desired).is_empty());
    }
}
