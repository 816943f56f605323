//! Lists in pages. The position handed out names the last id seen and the list it was seen in, never an offset, so
//! that what is created or deleted meanwhile neither repeats nor hides an item.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetRestApis.html>

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::ApiError;

const LIMIT_DEFAULT: usize = 25;
const LIMIT_MAX: usize = 500;
const POSITION_BYTES_MAX: usize = 4096;
/// Between the two parts of a position; in no id, name or list.
const SEPARATOR: char = '\u{1f}';

/// The part of a list that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    list: String,
    /// Only ids after this one.
    pub(crate) after: Option<String>,
    /// At most so many items.
    pub(crate) limit: usize,
}

impl Page {
    /// Reads what the caller asked of `list`, a text that differs for every list and filter.
    pub(crate) fn of(
        list: String,
        position: Option<&str>,
        limit: Option<i32>,
    ) -> Result<Self, ApiError> {
        let after = position.map(|text| read(&list, text)).transpose()?;
        // Guess: AWS's answer to a limit outside 1..=500 is not recorded; it is cut here, as AWS's text on 500 says.
        let limit = limit.map_or(LIMIT_DEFAULT, |limit| {
            limit.clamp(1, LIMIT_MAX as i32) as usize
        });
        Ok(Self { list, after, limit })
    }

    /// Keeps this page of `items`, which are ordered by `id`, and gives the position of the next one if there is one.
    pub(crate) fn cut<T>(self, items: Vec<T>, id: impl Fn(&T) -> &str) -> (Vec<T>, Option<String>) {
        let is_past = |item: &T| self.after.as_deref().is_none_or(|after| id(item) > after);
        let mut rest = items.into_iter().filter(is_past).peekable();
        let page: Vec<T> = rest.by_ref().take(self.limit).collect();
        let next = match rest.peek() {
            Some(_) => page.last().map(|last| write(&self.list, id(last))),
            None => None,
        };
        (page, next)
    }
}

fn write(list: &str, last: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{list}{SEPARATOR}{last}"))
}

fn read(list: &str, position: &str) -> Result<String, ApiError> {
    // Guess: AWS's text for a made-up position is not recorded.
    let invalid = || ApiError::bad_request("Invalid position parameter specified");
    if position.len() > POSITION_BYTES_MAX {
        return Err(invalid());
    }
    let bytes = URL_SAFE_NO_PAD.decode(position).map_err(|_| invalid())?;
    let text = String::from_utf8(bytes).map_err(|_| invalid())?;
    match text.split_once(SEPARATOR) {
        Some((of, last)) if of == list => Ok(last.to_owned()),
        _ => Err(invalid()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(items: &[&str], limit: i32) -> Vec<Vec<String>> {
        let mut pages = Vec::new();
        let mut position = None;
        loop {
            let page =
                Page::of("l".into(), position.as_deref(), Some(limit)).expect("own position");
            let (items, next) = page.cut(items.to_vec(), |item| item);
            pages.push(items.into_iter().map(str::to_owned).collect());
            position = next;
            if position.is_none() {
                return pages;
            }
        }
    }

    #[test]
    fn every_item_comes_once_and_the_last_page_has_no_position() {
        assert_eq!(walk(&["a", "b", "c"], 2), [vec!["a", "b"], vec!["c"]]);
        assert_eq!(walk(&["a", "b"], 2), [vec!["a", "b"]]);
        assert_eq!(walk(&[], 2), [Vec::<String>::new()]);
    }

    #[test]
    fn positions_of_other_lists_and_made_up_ones_are_refused() {
        let other = write("m", "a");
        for position in ["", "!", "YQ", &other, &"A".repeat(9000)] {
            assert!(
                Page::of("l".into(), Some(position), None).is_err(),
                "{position}"
            );
        }
    }

    #[test]
    fn limits_are_cut_to_what_aws_allows() {
        for (asked, given) in [
            (None, 25),
            (Some(0), 1),
            (Some(-5), 1),
            (Some(9999), 500),
            (Some(7), 7),
        ] {
            assert_eq!(
                Page::of("l".into(), None, asked)
                    .expect("no position")
                    .limit,
                given
            );
        }
    }
}
