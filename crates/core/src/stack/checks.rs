//! What a file may say and seldom should: each warning has an id, by which `[checks] allow` lets it be. Pure.

use super::source::Diagnostic;
use crate::value::Address;
use std::{collections::BTreeSet, fmt::Write};

macro_rules! checks {
    ($($(#[doc = $meaning:literal])+ $name:ident = $id:literal,)+) => {
        /// What a warning is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Check {
            $($(#[doc = $meaning])+ $name,)+
        }

        impl Check {
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// As `[checks] allow` and the warning name it.
            pub fn id(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)+
                }
            }

            /// What is found, as a part of a sentence.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($meaning),+).trim_ascii(),)+
                }
            }
        }
    };
}

checks! {
    /// a stack that declares nothing
    EmptyStack = "empty-stack",
    /// a method that everyone may call
    OpenMethod = "open-method",
    /// a method that wants an API key, and no key of the file opens it
    UnopenedMethod = "unopened-method",
    /// an OAuth scope that no token has
    UnknownScope = "unknown-scope",
    /// CORS that keeps pages from sending the header with the token
    UnsentToken = "unsent-token",
    /// CORS with credentials and several origins: pages cannot read API Gateway's own errors
    UnreadableErrors = "unreadable-errors",
    /// a gateway response that changes nothing
    IdleGatewayResponse = "idle-gateway-response",
    /// one status for errors of all sorts
    BroadGatewayResponse = "broad-gateway-response",
    /// an answer of an integration that no page can read
    UnreadableResponse = "unreadable-response",
    /// an integration without an answer for all that can come back
    UnansweredOutcome = "unanswered-outcome",
    /// a parameter that nothing is put into, or that the route lacks
    UnfilledParameter = "unfilled-parameter",
    /// an integration that sends tokens unencrypted
    UnencryptedIntegration = "unencrypted-integration",
    /// a body that no request validator checks
    UncheckedBody = "unchecked-body",
    /// required parameters that no request validator asks for
    UncheckedParameters = "unchecked-parameters",
    /// an API key that is in no usage plan
    IdleApiKey = "idle-api-key",
    /// a domain name at which no API answers
    IdleDomainName = "idle-domain-name",
    /// tokens in the browser's address bar and history
    ImplicitGrant = "implicit-grant",
    /// an auth flow by its old name
    OldFlow = "old-flow",
    /// errors that tell who has an account
    LegacyErrors = "legacy-errors",
    /// access or ID tokens that are good for more than 12 hours, refresh tokens for more than a year
    LongToken = "long-token",
    /// a `*` in a callback or sign-out URL, which stands for itself
    WildcardUrl = "wildcard-url",
    /// a pool with users in it that one mistaken request deletes
    UnprotectedUsers = "unprotected-users",
    /// a role that may do everything
    WideRole = "wide-role",
    /// guests of an identity pool who get no credentials
    IdleGuests = "idle-guests",
    /// a runtime that wsctl does not know
    UnknownRuntime = "unknown-runtime",
    /// a zip that is not there yet
    MissingZip = "missing-zip",
    /// the style of a login that nobody sees
    IdleBranding = "idle-branding",
    /// what to do about risks, where they are only noted down
    UnenforcedRisks = "unenforced-risks",
    /// bounds of an attribute that has none
    IdleBounds = "idle-bounds",
    /// a passkey that does not count as both factors
    WeakPasskey = "weak-passkey",
    /// passkeys of a name that the login's pages do not have
    OtherRelyingParty = "other-relying-party",
    /// an invitation without the name or the password
    IncompleteInvitation = "incomplete-invitation",
    /// a configuration set without SES
    IdleConfigurationSet = "idle-configuration-set",
    /// what `[checks] allow` lets be and nothing is
    IdleAllowance = "idle-allowance",
}

/// Between the id and the table that it is allowed in.
const AT: &str = " at ";

/// Those that no line of `allow` lets be.
pub(super) fn left(warnings: Vec<Diagnostic>, allow: &BTreeSet<String>) -> Vec<Diagnostic> {
    let allowed: Vec<_> = allow.iter().filter_map(|it| Allowed::of(it).ok()).collect();
    let is_left = |it: &Diagnostic| !allowed.iter().any(|by| by.covers(it));
    warnings.into_iter().filter(is_left).collect()
}

/// One line of `allow`.
pub(super) struct Allowed {
    pub check: Check,
    /// The table, or key, that it is allowed in; everywhere without.
    place: Option<Address>,
}

/// What a line of `allow` names and nothing is.
pub(super) enum Unknown<'a> {
    Check(&'a str),
    Place(&'a str),
}

impl Allowed {
    pub fn of(line: &str) -> Result<Self, Unknown<'_>> {
        let (id, place) = match line.split_once(AT) {
            Some((id, place)) => (id, Some(place)),
            None => (line, None),
        };
        let check = Check::ALL.iter().copied().find(|it| it.id() == id);
        let check = check.ok_or(Unknown::Check(id))?;
        let address = |it: &'_ str| it.parse::<Address>().ok();
        match place.map(|it| (it, address(it))) {
            None => Ok(Self { check, place: None }),
            Some((_, Some(place))) => Ok(Self {
                check,
                place: Some(place),
            }),
            Some((place, None)) => Err(Unknown::Place(place)),
        }
    }

    pub fn covers(&self, warning: &Diagnostic) -> bool {
        let is_within = |place: &Address| Address::new(warning.path.clone()).is_within(place);
        warning.check == Some(self.check) && self.place.as_ref().is_none_or(is_within)
    }
}

/// The reference's chapter.
pub(super) fn reference() -> String {
    let mut text = include_str!("checks.md").to_owned();
    for check in Check::ALL {
        let _ = writeln!(text, "| `{}` | {} |", check.id(), check.meaning());
    }
    text
}
