//! What a text tells by its look: addresses, account numbers, tokens and ids. Pure.

use super::Sort;
use std::net::{Ipv4Addr, Ipv6Addr};

/// What may stand between the words of a text.
const BETWEEN: &[char] = &[
    ' ', '\t', '\n', '\r', '"', '\'', '`', '<', '>', '(', ')', '[', ']', '{', '}', ',', ';', '|',
    '/', ':', '=', '&', '?', '#', '\\',
];
/// How an `@` may be written: as itself, in a URL, and in the tags of what is attached.
const AT: [&str; 3] = ["@", "%40", "=40"];

/// What stands in a value's place: in the shape of the value where something reads it.
pub(super) fn placeholder(sort: Sort, value: &str, number: usize) -> String {
    match sort {
        Sort::Secret => format!("<secret:{number}>"),
        Sort::Variable => format!("<variable:{number}>"),
        Sort::Person => format!("person-{number}"),
        Sort::Email => format!("person{number}@example.com"),
        Sort::Phone => format!("+1555555{:04}", 100 + number),
        Sort::Network => format!("192.0.2.{number}"),
        Sort::Account => format!("{number:012}"),
        Sort::Id => id_like(value, number),
    }
}

fn id_like(value: &str, number: usize) -> String {
    if is_uuid(value) {
        return format!("00000000-0000-4000-8000-{number:012}");
    }
    // `eu-west-1_AbCdEf`, `subnet-0a1b`: what is before the end says what it is.
    let start = value.rfind(['_', '-']).map_or(0, |at| at + 1);
    let start = if value.len() - start < 5 { 0 } else { start };
    let width = (value.len() - start).saturating_sub(2);
    format!("{}id{number:0width$}", &value[..start])
}

/// Whether a text can be an id: not a word that somebody chose, as far as can be told.
pub(super) fn may_be_id(text: &str) -> bool {
    let is_one_word = text
        .chars()
        .all(|it| it.is_ascii_alphanumeric() || it == '-' || it == '_');
    let is_made_up = text.len() >= 10 || text.chars().any(|it| it.is_ascii_digit());
    is_one_word && is_made_up && (5..=128).contains(&text.len())
}

/// What the whole of a text is, if it is one address or id.
pub(super) fn sort(text: &str) -> Option<Sort> {
    match () {
        () if is_email(text) => Some(Sort::Email),
        () if is_phone(text) => Some(Sort::Phone),
        () if is_uuid(text) => Some(Sort::Id),
        () => None,
    }
}

/// Whether a URL carries what signs it.
pub(super) fn is_signed_url(text: &str) -> bool {
    [
        "X-Amz-Signature=",
        "X-Amz-Credential=",
        "X-Amz-Security-Token=",
    ]
    .iter()
    .any(|it| text.contains(it))
}

/// The ids that a text holds where ARNs and URLs have them.
pub(super) fn ids(text: &str) -> Vec<&str> {
    let mut found = vec![];
    for marker in [
        "/restapis/",
        "/authorizers/",
        "/deployments/",
        "/resources/",
    ] {
        found.extend(text.split(marker).skip(1).map(word_at_start));
    }
    // arn:aws:execute-api:REGION:ACCOUNT:ID/…
    let arns = text.split(":execute-api:").skip(1);
    found.extend(arns.filter_map(|rest| Some(word_at_start(rest.splitn(3, ':').nth(2)?))));
    let before_host = |rest: &'_ str| {
        rest.len()
            - rest
                .trim_end_matches(|it: char| it.is_ascii_alphanumeric())
                .len()
    };
    for (at, _) in text.match_indices(".execute-api.") {
        found.push(&text[at - before_host(&text[..at])..at]);
    }
    found.retain(|it| may_be_id(it));
    found
}

fn word_at_start(text: &str) -> &str {
    let end = text
        .find(|it: char| !it.is_ascii_alphanumeric())
        .unwrap_or(text.len());
    &text[..end]
}

/// Masks by their look the words of a text.
pub(super) fn scrub(text: &str, placeholder: &mut dyn FnMut(Sort, &str) -> String) -> String {
    // In a text with escapes, such as a policy of IAM's, words have other ends.
    let plain = urlencoding::decode(text).unwrap_or_default();
    if !plain.is_empty() && plain != text {
        let masked = scrub(&plain, placeholder);
        return if masked == plain {
            text.to_owned()
        } else {
            masked
        };
    }
    let text = principals(text, placeholder);
    // Only a quoted text has no bare `@`, and its quotes stay.
    match AT.iter().find(|at| text.contains(**at)) {
        Some(at) if *at != "@" => words(&text.replace(at, "@"), placeholder).replace('@', at),
        _ => words(&text, placeholder),
    }
}

/// Masks who a caller is: `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
fn principals(text: &str, placeholder: &mut dyn FnMut(Sort, &str) -> String) -> String {
    let mut masked = text.to_owned();
    for marker in [":assumed-role/", ":federated-user/", ":user/"] {
        let mut parts = masked.split(marker);
        let mut next = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part
                .find(|it: char| it.is_whitespace() || "\"',)]}\\".contains(it))
                .unwrap_or(part.len());
            next = format!(
                "{next}{marker}{}{}",
                placeholder(Sort::Person, &part[..end]),
                &part[end..]
            );
        }
        masked = next;
    }
    masked
}

fn words(text: &str, placeholder: &mut dyn FnMut(Sort, &str) -> String) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(BETWEEN).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let network = address(rest);
        if !network.is_empty() {
            masked.push_str(&placeholder(Sort::Network, network));
            rest = &rest[network.len()..];
            continue;
        }
        masked.push_str(&masked_word(word, placeholder));
        let mut between = after.chars();
        masked.extend(between.next());
        rest = between.as_str();
    }
    masked
}

/// The IPv6 address at the start of a text; its colons are no ends of words.
fn address(text: &str) -> &str {
    let end = text
        .find(|it: char| !(it.is_ascii_hexdigit() || it == ':' || it == '.'))
        .unwrap_or(text.len());
    let candidate = &text[..end];
    // `eu-west-1::` of an ARN is none.
    let has_parts = candidate.len() >= 7 && candidate.matches(':').count() >= 3;
    if has_parts && candidate.parse::<Ipv6Addr>().is_ok() {
        candidate
    } else {
        ""
    }
}

fn masked_word(word: &str, placeholder: &mut dyn FnMut(Sort, &str) -> String) -> String {
    let bare = word.trim_matches(['.', '!', '*']);
    let sort = match () {
        () if bare.is_empty() => return word.to_owned(),
        () if is_token(bare) => Sort::Secret,
        () if is_email(bare) => Sort::Email,
        () if is_phone(bare) => Sort::Phone,
        () if is_network(bare) => Sort::Network,
        () if is_uuid(bare) || is_pool(bare) => Sort::Id,
        () => return accounts(word, placeholder),
    };
    word.replace(bare, &placeholder(sort, bare))
}

/// Masks twelve digits that stand by themselves.
fn accounts(word: &str, placeholder: &mut dyn FnMut(Sort, &str) -> String) -> String {
    let mut masked = String::with_capacity(word.len());
    let mut rest = word;
    while !rest.is_empty() {
        let end = rest
            .find(|it: char| !it.is_alphanumeric())
            .unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        let is_account = piece.len() == 12 && piece.bytes().all(|it| it.is_ascii_digit());
        masked.push_str(&if is_account {
            placeholder(Sort::Account, piece)
        } else {
            piece.to_owned()
        });
        let mut between = after.chars();
        masked.extend(between.next());
        rest = between.as_str();
    }
    masked
}

/// A JWT, or the id of an access key.
fn is_token(word: &str) -> bool {
    let is_key = ["AKIA", "ASIA"].iter().any(|it| word.starts_with(it))
        && word.len() >= 16
        && word
            .bytes()
            .all(|it| it.is_ascii_uppercase() || it.is_ascii_digit());
    is_key || (word.starts_with("eyJ") && word.len() > 20 && word.contains('.'))
}

fn is_email(word: &str) -> bool {
    let Some((name, host)) = word.rsplit_once('@') else {
        return false;
    };
    let has_letter = |it: &str| it.chars().any(char::is_alphanumeric);
    has_letter(name) && has_letter(host) && !word.contains(char::is_whitespace)
}

fn is_phone(word: &str) -> bool {
    let digits = word.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit())
}

/// One of this machine's own tells nothing.
fn is_network(word: &str) -> bool {
    word.parse::<Ipv4Addr>()
        .is_ok_and(|it| !it.is_loopback() && !it.is_unspecified())
}

fn is_uuid(word: &str) -> bool {
    let parts: Vec<_> = word.split('-').collect();
    let lengths: Vec<_> = parts.iter().map(|it| it.len()).collect();
    lengths == [8, 4, 4, 4, 12] && parts.concat().bytes().all(|it| it.is_ascii_hexdigit())
}

/// `eu-west-1_AbCdEf123`.
fn is_pool(word: &str) -> bool {
    let Some((region, id)) = word.split_once('_') else {
        return false;
    };
    let is_region =
        region.matches('-').count() >= 2 && region.ends_with(|it: char| it.is_ascii_digit());
    is_region && id.len() >= 5 && id.bytes().all(|it| it.is_ascii_alphanumeric())
}

/// Replaces an id where it stands by itself.
pub(super) fn replace_word(text: &str, id: &str, placeholder: &str) -> String {
    if !text.contains(id) {
        return text.to_owned();
    }
    let is_part = |it: Option<char>| it.is_some_and(|it| it.is_ascii_alphanumeric());
    let (mut masked, mut rest, mut before) = (String::new(), text, None);
    while let Some(at) = rest.find(id) {
        let (head, tail) = (&rest[..at], &rest[at + id.len()..]);
        masked.push_str(head);
        let is_inside =
            is_part(head.chars().next_back().or(before)) || is_part(tail.chars().next());
        masked.push_str(if is_inside { id } else { placeholder });
        before = id.chars().next_back();
        rest = tail;
    }
    masked + rest
}
