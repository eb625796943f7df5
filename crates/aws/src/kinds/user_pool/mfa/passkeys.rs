//! Passkeys of a pool, in Cognito's terms. Pure.

use crate::spec::user_pool::Passkeys;
use aws_sdk_cognitoidentityprovider::types::{
    WebAuthnConfigurationType as InAws, WebAuthnFactorConfigurationType as Factor,
};

pub(super) fn read(live: Option<&InAws>) -> Option<Passkeys> {
    let live = live?;
    Some(Passkeys {
        relying_party: live.relying_party_id.clone(),
        user_verification: live.user_verification().map(|it| it.as_str().to_owned()),
        multi_factor: live
            .factor_configuration()
            .map(|it| *it == Factor::MultiFactorWithUserVerification),
    })
}

/// What is declared, laid over what is there.
pub(super) fn overlay(live: Option<&InAws>, declared: Option<&Passkeys>) -> Option<InAws> {
    let Some(declared) = declared else {
        return live.cloned();
    };
    let factor = declared.multi_factor.map(|is_both| match is_both {
        true => Factor::MultiFactorWithUserVerification,
        false => Factor::SingleFactor,
    });
    let verification = declared.user_verification.as_deref().map(Into::into);
    let party = declared.relying_party.as_ref();
    let party = party.or_else(|| live?.relying_party_id.as_ref());
    let settings = InAws::builder()
        .set_relying_party_id(party.cloned())
        .set_user_verification(verification.or_else(|| live?.user_verification.clone()))
        .set_factor_configuration(factor.or_else(|| live?.factor_configuration.clone()));
    Some(settings.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_what_is_left_out_stays() {
        let declared = Passkeys {
            relying_party: Some("example.com".into()),
            user_verification: Some("required".into()),
            multi_factor: Some(true),
        };
        let made = overlay(None, Some(&declared));
        assert_eq!(read(made.as_ref()), Some(declared.clone()));
        let changed = Passkeys {
            user_verification: Some("preferred".into()),
            ..Passkeys::default()
        };
        let changed = overlay(made.as_ref(), Some(&changed));
        let expected = Passkeys {
            user_verification: Some("preferred".into()),
            ..declared
        };
        assert_eq!(read(changed.as_ref()), Some(expected));
        assert_eq!(overlay(made.as_ref(), None), made);
    }
}
