//! Applied, whatever happens in between, the live state becomes the declared one and stays so;
//! over made-up stacks, in an AWS in memory that is as strict as AWS and in which no time is lost.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod converges {
    mod allowed;
    mod applied;
    mod attributes;
    mod boundary;
    mod branding;
    mod by_hand;
    mod commas;
    mod definitions;
    mod domain_names;
    mod doors;
    mod extras;
    mod faults;
    mod further_apis;
    mod given_back;
    mod gone;
    mod granted;
    mod identity_pool;
    mod imports;
    mod logging;
    mod members;
    mod models;
    mod named_users;
    mod names;
    mod never_empty;
    mod others;
    mod paths;
    mod planned;
    mod plans_of_a_pool;
    mod providers;
    pub(crate) mod reading;
    mod removed;
    mod requests;
    mod sample;
    mod scopes;
    mod sms_role;
    pub(crate) mod stacks;
    mod taken;
    mod texts;
    mod together;
    mod translated;
    mod triggers;
    mod usage;
    mod users;
    pub(crate) mod world;

    use proptest::{collection::vec, prelude::*};
    pub(crate) use sample::cases;

    /// The choices that a stack is made of.
    pub(crate) fn choices() -> impl Strategy<Value = Vec<u8>> {
        vec(any::<u8>(), 0..480)
    }
}
mod recorded;
mod support;
