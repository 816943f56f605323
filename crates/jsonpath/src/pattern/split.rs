//! `split`, with Java's rules for empty pieces.
//!
//! <https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/lang/String.html#split(java.lang.String,int)>

use super::{MatchError, Pattern};

impl Pattern {
    /// The pieces between matches. A positive `limit` is the most pieces to give; zero drops empty pieces at the end; a negative one
    /// keeps all. An empty match at the start gives no empty piece.
    pub fn split<'t>(&self, text: &'t str, limit: i32) -> Result<Vec<&'t str>, MatchError> {
        let mut pieces = Vec::new();
        let mut from = 0;
        let cuts_max = usize::try_from(limit)
            .ok()
            .filter(|limit| *limit > 0)
            .map_or(usize::MAX, |limit| limit - 1);
        if cuts_max > 0 {
            self.each_match(text, usize::MAX, |groups| {
                let place = groups.whole();
                if pieces.len() < cuts_max && !(place.end == 0 && place.is_empty()) {
                    pieces.push(&text[from..place.start]);
                    from = place.end;
                }
                Ok(())
            })?;
        }
        if pieces.is_empty() {
            return Ok(vec![text]);
        }
        pieces.push(&text[from..]);
        if limit == 0 {
            let kept = pieces
                .iter()
                .rposition(|piece| !piece.is_empty())
                .map_or(0, |last| last + 1);
            pieces.truncate(kept);
        }
        Ok(pieces)
    }
}
