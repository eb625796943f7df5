//! Where AWS keeps the fields of a spec: one row a field, read and written by the same row. Pure.

use crate::duration::{Duration, Unit};

/// `field = member: how` for each field of a spec that AWS keeps in one member. Makes `read`, the spec
/// of what AWS tells, and `write`, which lays what is declared over it; `how` is a module with both ways.
/// The fields after `but` are special: `read` leaves them out, and functions of their own have them.
macro_rules! rows {
    ($spec:ident in $aws:ident: $($field:ident = $member:ident: $how:ident),+ $(; but $($other:ident),+)? $(,)?) => {
        fn read(live: &$aws) -> $spec {
            $spec { $($field: $how::read(&live.$member),)+ $($($other: Default::default(),)+)? }
        }

        fn write(live: &mut $aws, declared: &$spec) {
            let $spec { $($field,)+ $($($other: _,)+)? } = declared;
            $($how::write(&mut live.$member, $field);)+
        }
    };
}
pub(super) use rows;

/// The same of what Cognito's updates reset where they are not sent it: `setter` sends the member, with
/// creations and updates alike. Makes beside `read` and `write` the `sent` of both.
macro_rules! sent_rows {
    ($spec:ident in $aws:ident by $create:ident, $update:ident: $($field:ident = $member:ident $setter:ident: $how:ident),+ $(; but $($other:ident),+)? $(,)?) => {
        $crate::kinds::rows::rows! { $spec in $aws: $($field = $member: $how),+ $(; but $($other),+)? }

        /// What is sent with the members of a row each.
        trait Sent {
            fn sent(self, members: &mut $aws) -> Self;
        }

        impl Sent for $create {
            fn sent(self, members: &mut $aws) -> Self {
                self$(.$setter(members.$member.take()))+
            }
        }

        impl Sent for $update {
            fn sent(self, members: &mut $aws) -> Self {
                self$(.$setter(members.$member.take()))+
            }
        }
    };
}
pub(super) use sent_rows;

/// The same of API Gateway, where each member has a place in patches too. Makes beside `read` and `write`
/// the `patch` of those fields that are due.
macro_rules! patched_rows {
    ($spec:ident in $aws:ident: $($field:ident = $member:ident @ $path:literal: $how:ident),+ $(; but $($other:ident),+)? $(,)?) => {
        $crate::kinds::rows::rows! { $spec in $aws: $($field = $member: $how),+ $(; but $($other),+)? }

        fn patch(declared: &$spec, live: &$spec, is_due: impl Fn(&str) -> bool) -> Vec<PatchOperation> {
            use $crate::kinds::rest_api::wire::Member;
            let (mut new, mut old) = ($aws::builder().build(), $aws::builder().build());
            write(&mut new, declared);
            write(&mut old, live);
            let mut operations = vec![];
            $(if is_due(stringify!($field)) {
                operations.extend(new.$member.patch($path, &old.$member));
            })+
            operations
        }
    };
}
pub(super) use patched_rows;

/// What AWS has in the same words.
pub(super) mod same {
    pub(in crate::kinds) fn read<T: Clone>(live: &T) -> T {
        live.clone()
    }

    pub(in crate::kinds) fn write<T: Clone>(live: &mut T, declared: &T) {
        live.clone_from(declared);
    }
}

/// A name: always there.
pub(super) mod name {
    pub(in crate::kinds) fn read(live: &Option<String>) -> String {
        live.clone().unwrap_or_default()
    }

    pub(in crate::kinds) fn write(live: &mut Option<String>, declared: &str) {
        *live = Some(declared.to_owned());
    }
}

/// A text; an empty one removes what is there, and AWS's empty one is none.
pub(super) mod text {
    pub(in crate::kinds) fn read(live: &Option<String>) -> Option<String> {
        live.clone().filter(|text| !text.is_empty())
    }

    pub(in crate::kinds) fn write(live: &mut Option<String>, declared: &Option<String>) {
        if let Some(text) = declared {
            *live = Some(text.clone()).filter(|text| !text.is_empty());
        }
    }
}

/// A text that is an empty one where it was never set: so stack.toml removes it, and so it is given back.
pub(super) mod blank {
    pub(in crate::kinds) use super::text::write;

    pub(in crate::kinds) fn read(live: &Option<String>) -> Option<String> {
        Some(live.clone().unwrap_or_default())
    }
}

/// A set or a list of words that AWS has a list of.
pub(super) mod words {
    use crate::spec::user_pool::{from_words, word};
    use serde::{Serialize, de::DeserializeOwned};

    pub(in crate::kinds) fn read<A, T, C>(live: &Option<Vec<A>>) -> Option<C>
    where
        A: AsRef<str>,
        T: DeserializeOwned,
        C: FromIterator<T> + IntoIterator<Item = T>,
    {
        Some(from_words(live.iter().flatten().map(AsRef::as_ref)))
    }

    pub(in crate::kinds) fn write<A, T, C>(live: &mut Option<Vec<A>>, declared: &Option<C>)
    where
        A: for<'a> From<&'a str>,
        T: Serialize,
        C: IntoIterator<Item = T> + Clone,
    {
        if let Some(declared) = declared {
            *live = Some(
                declared
                    .clone()
                    .into_iter()
                    .map(|it| word(&it).as_str().into())
                    .collect(),
            );
        }
    }
}

/// One word.
pub(super) mod one_word {
    use crate::spec::user_pool::{from_word, word};
    use serde::{Serialize, de::DeserializeOwned};

    pub(in crate::kinds) fn read<A: AsRef<str>, T: DeserializeOwned>(
        live: &Option<A>,
    ) -> Option<T> {
        live.as_ref().and_then(|it| from_word(it.as_ref()))
    }

    pub(in crate::kinds) fn write<A: for<'a> From<&'a str>, T: Serialize>(
        live: &mut Option<A>,
        declared: &Option<T>,
    ) {
        if let Some(declared) = declared {
            *live = Some(word(declared).as_str().into());
        }
    }
}

/// A number or a switch that AWS may leave out.
pub(super) mod maybe {
    pub(in crate::kinds) fn read<T: Copy>(live: &Option<T>) -> Option<T> {
        *live
    }

    pub(in crate::kinds) fn write<T: Copy>(live: &mut Option<T>, declared: &Option<T>) {
        *live = declared.or(*live);
    }
}

/// A switch that is off where AWS leaves it out.
pub(super) mod switch {
    pub(in crate::kinds) use super::maybe::write;

    pub(in crate::kinds) fn read(live: &Option<bool>) -> Option<bool> {
        Some(live.unwrap_or(false))
    }
}

/// A number or a switch that AWS always tells.
pub(super) mod always {
    pub(in crate::kinds) fn read<T: Copy>(live: &T) -> Option<T> {
        Some(*live)
    }

    pub(in crate::kinds) fn write<T: Copy>(live: &mut T, declared: &Option<T>) {
        *live = declared.unwrap_or(*live);
    }
}

/// A switch that is told only where it is on.
pub(super) mod only_on {
    pub(in crate::kinds) fn read(live: &bool) -> Option<bool> {
        live.then_some(true)
    }

    pub(in crate::kinds) fn write(live: &mut bool, declared: &Option<bool>) {
        *live = declared.unwrap_or(false);
    }
}

/// A set that AWS has a list of.
pub(super) mod set {
    use std::collections::BTreeSet;

    pub(in crate::kinds) fn read(live: &Option<Vec<String>>) -> BTreeSet<String> {
        live.iter().flatten().cloned().collect()
    }

    pub(in crate::kinds) fn write(live: &mut Option<Vec<String>>, declared: &BTreeSet<String>) {
        *live = Some(declared.iter().cloned().collect());
    }
}

/// A map of texts.
pub(super) mod map {
    use std::collections::{BTreeMap, HashMap};

    type InAws = Option<HashMap<String, String>>;

    pub(in crate::kinds) fn read(live: &InAws) -> Option<BTreeMap<String, String>> {
        Some(live.clone().unwrap_or_default().into_iter().collect())
    }

    pub(in crate::kinds) fn write(live: &mut InAws, declared: &Option<BTreeMap<String, String>>) {
        if let Some(declared) = declared {
            *live = Some(declared.clone().into_iter().collect());
        }
    }
}

/// A length of time that AWS has in seconds.
pub(super) mod seconds {
    use super::{Duration, Unit};

    pub(in crate::kinds) fn read(live: &Option<i32>) -> Option<Duration> {
        let seconds = live.and_then(|it| u64::try_from(it).ok());
        seconds.map(|it| Duration::new(it, Unit::Seconds))
    }

    pub(in crate::kinds) fn write(live: &mut Option<i32>, declared: &Option<Duration>) {
        let seconds = declared.and_then(|it| i32::try_from(it.seconds()).ok());
        *live = seconds.or(*live);
    }
}

/// A length of time that AWS has in minutes; 0 is its default.
pub(super) mod minutes {
    use super::{Duration, Unit};

    pub(in crate::kinds) fn read(live: &Option<i32>) -> Option<Duration> {
        let minutes = live
            .and_then(|it| u64::try_from(it).ok())
            .filter(|it| *it > 0);
        minutes.map(|it| Duration::new(it, Unit::Minutes))
    }

    pub(in crate::kinds) fn write(live: &mut Option<i32>, declared: &Option<Duration>) {
        let minutes = |it: Duration| {
            i32::try_from(it.seconds() / Unit::Minutes.seconds()).unwrap_or(i32::MAX)
        };
        *live = declared.map(minutes).or(*live);
    }
}
