//! Temporary credentials: a key, its secret, and the token that is the session.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_Credentials.html>

use tollgate_model::principals::{PAYLOAD_BYTES_MAX, Session as Issued, TEMPORARY, TooLarge};
use tollgate_wire::Timestamp;
use tollgate_wire::sts::Credentials;

use crate::error::{ApiError, Exception};
use crate::session::Session;

/// Credentials for `session`, whose times and secret are set here.
pub(super) fn issue(
    on: &Session,
    seconds: i32,
    mut session: Issued,
) -> Result<Credentials, ApiError> {
    let now_ms = on.shared.clock.now_ms();
    session.issued_ms = now_ms;
    // The time on the wire has no fraction; the session ends when it says.
    session.expires_ms = (now_ms / 1000 + u64::try_from(seconds).unwrap_or(0)) * 1000;
    let (id, secret) = on
        .shared
        .draw(|random| (random.base32_id(16), random.mixed_text(40)));
    session.secret = secret;
    let key = format!("{TEMPORARY}{id}");
    let seal = &*on.shared.seal;
    let token = on.shared.draw(|random| session.token(&key, seal, random));
    Ok(Credentials {
        access_key_id: Some(key),
        secret_access_key: Some(session.secret),
        session_token: Some(token.map_err(refused)?),
        expiration: Some(Timestamp::from_ms(session.expires_ms)),
    })
}

/// How much of what a session may take its policies and tags take, in percent; nothing where there are none.
pub(super) fn packed_percent(session: &Issued) -> Option<i32> {
    let is_plain =
        session.policy.is_none() && session.policy_arns.is_empty() && session.tags.is_empty();
    let percent = (session.payload_bytes() * 100).div_ceil(PAYLOAD_BYTES_MAX);
    (!is_plain).then(|| i32::try_from(percent).unwrap_or(i32::MAX))
}

fn refused(error: TooLarge) -> ApiError {
    match error {
        TooLarge::Bytes(bytes) => {
            let percent = (bytes * 100).div_ceil(PAYLOAD_BYTES_MAX);
            // Guess: the text is after AWS's for session tags.
            let text = format!(
                "Packed size of session policies and tags consumes {percent}% of allotted space."
            );
            ApiError::new(Exception::PackedPolicyTooLarge, text).because(error)
        }
        TooLarge::Unsealed(_) => ApiError::internal(error),
    }
}

/// Nobody has an MFA device here, so that no code of one is right.
pub(super) fn refuse_device(serial: Option<&str>, code: Option<&str>) -> Result<(), ApiError> {
    match (serial, code) {
        (None, None) => Ok(()),
        _ => Err(ApiError::new(
            Exception::AccessDenied,
            "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
        )
        .because("Tollgate knows no MFA devices")),
    }
}

/// A token is as large as it is.
pub(super) fn refuse_size(bytes: Option<i32>) -> Result<(), ApiError> {
    match bytes {
        None => Ok(()),
        Some(_) => Err(ApiError::new(
            Exception::Validation,
            "Tollgate cannot honour MinimumSessionTokenSize",
        )),
    }
}
