//! Listings in pages.

use crate::error::Result;
use std::future::Future;

/// Every item of a listing: `ask` gets the position that the page before named, and gives a
/// page and the next position.
pub async fn pages<T, F, Ask>(ask: Ask) -> Result<Vec<T>>
where
    Ask: Fn(Option<String>) -> F + Send,
    F: Future<Output = Result<(Vec<T>, Option<String>)>> + Send,
    T: Send,
{
    let (mut found, mut next) = (vec![], None);
    loop {
        let (page, position) = ask(next).await?;
        found.extend(page);
        next = position.filter(|position| !position.is_empty());
        if next.is_none() {
            return Ok(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_page_is_asked_for_until_no_position_is_left() {
        let ask = |position: Option<String>| async move {
            Ok(match position.as_deref() {
                None => (vec![1, 2], Some("x".to_owned())),
                Some("x") => (vec![], Some("y".to_owned())),
                _ => (vec![3], Some(String::new())),
            })
        };
        assert_eq!(pages(ask).await.unwrap(), [1, 2, 3]);
    }
}
