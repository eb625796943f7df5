//! Where the emulators do otherwise than AWS, and how the tests step around it. wsctl itself
//! knows of none of this.

mod cognito;
mod gateway;

use super::{
    place::Emulator,
    wire::{Asked, Verdict},
};

use wsctl::spec::{
    Produces, api_key::ApiKey, authorizer::Authorizer, domain_name::DomainName, function::Function,
    rest_api::RestApi, route::Route, stage::Stage, usage_plan::UsagePlan, user_pool::UserPool,
};

/// One difference from AWS.
pub(crate) struct Deviation {
    of: Emulator,
    /// What it does otherwise.
    #[expect(dead_code, reason = "for the reader: why the entry is there")]
    what: &'static str,
    around: Around,
}

/// How it is stepped around.
enum Around {
    /// In every account, requests are answered or changed on the wire.
    Wire(fn() -> Stub),
    /// The wire says in a header which account a request is of.
    AccountHeader,
    /// tests/stack/examples.rs does not invoke the functions.
    NotInvoked,
    /// tests/stack/contract.rs declares no such field of the kind.
    Undeclarable(&'static str, &'static [&'static str]),
    /// tests/stack/contract.rs changes no such field of the kind.
    Unchangeable(&'static str, &'static [&'static str]),
    /// tests/stack/contract.rs does not look for one that is not declared, nor tests/stack/examples.rs for a
    /// stack of it alone.
    Untold(&'static str),
}

/// Decides some requests of one account.
type Stub = Box<dyn FnMut(&Asked) -> Option<Verdict> + Send>;

const DEVIATIONS: &[Deviation] = &[
    Deviation {
        of: Emulator::MiniStack,
        what: "takes no new name in UpdateUserPool",
        around: Around::Unchangeable(UserPool::NAME, &["name"]),
    },
    Deviation {
        of: Emulator::Moto,
        what: "gives standard attributes the usual bounds, whatever was asked for",
        around: Around::Undeclarable(UserPool::NAME, &["standard_attributes"]),
    },
    Deviation {
        of: Emulator::Moto,
        what: "forgets passkeys",
        around: Around::Undeclarable(UserPool::NAME, &["mfa.passkeys"]),
    },
    Deviation {
        of: Emulator::Moto,
        what: "forgets the factor by e-mail",
        around: Around::Undeclarable(
            UserPool::NAME,
            &["mfa.email", "mfa.email_subject", "mfa.email_message"],
        ),
    },
    Deviation {
        of: Emulator::Moto,
        what: "takes no access key for an account of its own",
        around: Around::AccountHeader,
    },
    Deviation {
        of: Emulator::Moto,
        what: "runs functions in Docker only",
        around: Around::NotInvoked,
    },
    Deviation {
        of: Emulator::Memory,
        what: "runs no functions",
        around: Around::NotInvoked,
    },
    Deviation {
        of: Emulator::Moto,
        what: "has no managed login branding",
        around: Around::Wire(cognito::branding),
    },
    Deviation {
        of: Emulator::Moto,
        what: "forgets a domain's managed login version",
        around: Around::Wire(cognito::managed_login_version),
    },
    Deviation {
        of: Emulator::Moto,
        what: "forgets at UpdateUserPool what only CreateUserPool sets; and shows the MfaConfiguration that \
               UpdateUserPool was sent even after SetUserPoolMfaConfig",
        around: Around::Wire(cognito::updates_of_pools),
    },
    Deviation {
        of: Emulator::Moto,
        what: "forgets the stage's description in CreateDeployment",
        around: Around::Wire(gateway::stage_description),
    },
    Deviation {
        of: Emulator::Moto,
        what: "takes a definition and leaves out its authorizers, and fails at a change of its methods",
        around: Around::Wire(gateway::no_definitions),
    },
    Deviation {
        of: Emulator::Moto,
        what: "answers the second deletion of an API, a resource or an authorizer with status 500",
        around: Around::Wire(gateway::second_deletions),
    },
    Deviation {
        of: Emulator::Moto,
        what: "takes no new name in UpdateUserPool",
        around: Around::Unchangeable(UserPool::NAME, &["name"]),
    },
    Deviation {
        of: Emulator::Moto,
        what: "has no user pools in the tagging API",
        around: Around::Untold(UserPool::NAME),
    },
    Deviation {
        of: Emulator::Moto,
        what: "has no usage plans in the tagging API",
        around: Around::Untold(UsagePlan::NAME),
    },
    Deviation {
        of: Emulator::Moto,
        what: "fails at patches of limits that are not there, keeps texts for numbers, and tags no plan that is there",
        around: Around::Unchangeable(UsagePlan::NAME, &["throttling", "quota", "stages", "tags"]),
    },
    Deviation {
        of: Emulator::Moto,
        what: "tags no key that is there, and keeps a text for whether it is enabled",
        around: Around::Unchangeable(ApiKey::NAME, &["enabled", "tags"]),
    },
    Deviation {
        of: Emulator::Moto,
        what: "changes no domain name",
        around: Around::Unchangeable(
            DomainName::NAME,
            &["certificate_arn", "security_policy", "tags"],
        ),
    },
    Deviation {
        of: Emulator::Moto,
        what: "has no domain names in the tagging API",
        around: Around::Untold(DomainName::NAME),
    },
    Deviation {
        of: Emulator::Moto,
        what: "has no API keys in the tagging API",
        around: Around::Untold(ApiKey::NAME),
    },
    Deviation {
        of: Emulator::Moto,
        what: "tags stages only, not APIs that are there",
        around: Around::Unchangeable(RestApi::NAME, &["tags"]),
    },
    Deviation {
        of: Emulator::Moto,
        what: "forgets the media types in CreateRestApi, and looks for them in the values of patches",
        around: Around::Undeclarable(RestApi::NAME, &["binary_media_types"]),
    },
    Deviation {
        of: Emulator::Moto,
        what: "takes no settings of a method away",
        around: Around::Unchangeable(Stage::NAME, &["methods"]),
    },
    Deviation {
        of: Emulator::Moto,
        what: "changes no VPC endpoints of an API",
        around: Around::Unchangeable(RestApi::NAME, &["vpc_endpoints"]),
    },
    Deviation {
        of: Emulator::Moto,
        what: "forgets the validation expression in CreateAuthorizer",
        around: Around::Undeclarable(Authorizer::NAME, &["validation_expression"]),
    },
    Deviation {
        of: Emulator::Moto,
        what: "fails at patches of providerARNs",
        around: Around::Unchangeable(Authorizer::NAME, &["user_pool_arns"]),
    },
    Deviation {
        of: Emulator::Moto,
        what: "takes neither tracing nor storage in UpdateFunctionConfiguration",
        around: Around::Unchangeable(Function::NAME, &["tracing", "ephemeral_storage"]),
    },
    Deviation {
        of: Emulator::Moto,
        what: "has no UpdateMethod",
        around: Around::Unchangeable(
            Route::NAME,
            &[
                "authorizer",
                "scopes",
                "api_key_required",
                "request_validator",
                "request_models",
                "request_parameters",
            ],
        ),
    },
];

/// Decides every request of one account: the first stub with an opinion does.
pub(super) fn judge(emulator: Emulator) -> impl FnMut(&Asked) -> Verdict + Send + 'static {
    let mut stubs: Vec<_> = of(emulator)
        .filter_map(|it| match it.around {
            Around::Wire(stub) => Some(stub()),
            _ => None,
        })
        .collect();
    move |asked| {
        stubs
            .iter_mut()
            .find_map(|stub| stub(asked))
            .unwrap_or(Verdict::Pass)
    }
}

/// Whether requests need the header of an account.
pub(super) fn wants_account_header(emulator: Emulator) -> bool {
    of(emulator).any(|it| matches!(it.around, Around::AccountHeader))
}

/// Whether functions can be invoked.
pub(crate) fn runs_functions(emulator: Emulator) -> bool {
    !of(emulator).any(|it| matches!(it.around, Around::NotInvoked))
}

/// The fields of a kind that the emulator does not have.
pub(crate) fn undeclarable(emulator: Emulator, kind: &str) -> Vec<&'static str> {
    let fields = of(emulator).filter_map(|it| match it.around {
        Around::Undeclarable(name, fields) if name == kind => Some(fields),
        _ => None,
    });
    fields.flatten().copied().collect()
}

/// The fields of a kind that the emulator cannot change.
pub(crate) fn unchangeable(emulator: Emulator, kind: &str) -> Vec<&'static str> {
    let fields = of(emulator).filter_map(|it| match it.around {
        Around::Unchangeable(name, fields) if name == kind => Some(fields),
        _ => None,
    });
    fields.flatten().copied().collect()
}

/// Whether the emulator tells of a resource that is not declared.
pub(crate) fn tells_undeclared(emulator: Emulator, kind: &str) -> bool {
    !of(emulator).any(|it| matches!(it.around, Around::Untold(name) if name == kind))
}

fn of(emulator: Emulator) -> impl Iterator<Item = &'static Deviation> {
    DEVIATIONS.iter().filter(move |it| it.of == emulator)
}
