//! Whatever is sent, there is an answer, and it is the same twice.

use proptest::prelude::*;
use tollgate_jwt::{KeySet, Token};

use crate::signing::{ISSUER, encode, verify};

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}") {
        let keys = ISSUER.keys();
        prop_assert!(verify(&keys, &text).is_err());
        prop_assert!(KeySet::read(text.as_bytes()).is_err());
    }

    #[test]
    fn any_parts_are_answered(header in any::<Vec<u8>>(), claims in any::<Vec<u8>>(), signature in any::<Vec<u8>>()) {
        let text = format!("{}.{}.{}", encode(header), encode(claims), encode(signature));
        let once = Token::read(&text).map(|token| token.header().clone());
        let again = Token::read(&text).map(|token| token.header().clone());
        prop_assert_eq!(once, again);
    }

    #[test]
    fn any_claims_come_back_as_they_were_signed(
        names in proptest::collection::btree_map("[a-z:]{1,8}", "\\PC{0,12}", 0..8),
    ) {
        let text = serde_json::to_string(&names).expect("JSON");
        let token = ISSUER.sign_ec(r#"{"alg":"ES256","kid":"ec"}"#, &text);
        let claims = verify(&ISSUER.keys(), &token).expect("a good token");
        let found: Vec<_> = claims.iter().map(|(name, value)| (name.to_owned(), value.as_str().map(str::to_owned))).collect();
        let expected: Vec<_> = names.into_iter().map(|(name, value)| (name, Some(value))).collect();
        prop_assert_eq!(found, expected);
    }
}
