//! `wsctl open`: a page of the stack in the browser.

use super::{
    outputs::{Outputs, There, collect, front_end},
    print, print_json, say,
    session::{Session, load},
};
use crate::{
    cli::{Global, OpenArgs, Page, typed},
    error::{Error, Result},
    spec::arn::partition,
};
use serde_json::json;

pub(super) async fn run(global: &Global, args: &OpenArgs) -> Result<u8> {
    let session = load(global)?.connect(global).await?;
    let observed = session.observe().await?;
    let there = There::seen(&session, &observed);
    let outputs = collect(&session, &observed.stack, &there);
    let url = address(&session, &there, &outputs, args)?;
    session.tell_calls();
    if global.json {
        return print_json(&json!({ "url": url }));
    }
    if args.print_url {
        return print(&format!("{url}\n")).map(|()| 0);
    }
    match open::that_detached(&url) {
        Ok(()) => say(&format!(
            "opened in the browser; if it shows nothing, open\n\n{url}"
        )),
        Err(_) => say(&format!(
            "no browser could be opened; open this yourself\n\n{url}"
        )),
    }
    Ok(0)
}

fn address(session: &Session, there: &There, outputs: &Outputs, args: &OpenArgs) -> Result<String> {
    let client = || front_end::client(there, args.client.as_deref());
    let url = match args.what {
        Page::Login => outputs.owned(&format!("login_url_{}", client()?.0)),
        Page::Api => outputs.starting("api_url"),
        Page::App => client()?
            .1
            .callback()
            .and_then(|it| page(it))
            .map(ToOwned::to_owned),
        Page::Pool | Page::Console => console(session, outputs, args.what)?,
    };
    url.filter(|url| url.starts_with("https://") || url.starts_with("http://"))
        .ok_or_else(|| {
            let what = typed(&args.what);
            Error::input(format!("the stack has no {what} to open"))
                .hint("wsctl outputs shows what it has; wsctl apply makes what is missing")
        })
}

/// The page at the root of an address: a callback itself wants a code.
fn page(callback: &str) -> Option<&str> {
    let (scheme, rest) = callback.split_once("://")?;
    let host = rest.find('/').unwrap_or(rest.len());
    callback.get(..scheme.len() + "://".len() + host)
}

/// Where AWS shows it to whoever is signed in there.
fn console(session: &Session, outputs: &Outputs, what: Page) -> Result<Option<String>> {
    if session.endpoint.is_some() {
        return Err(Error::usage("AWS's console shows nothing of a local AWS")
            .hint("leave out --sandbox, or see wsctl show and wsctl outputs"));
    }
    let region = &session.stack.file.stack.region;
    let host = match partition(region) {
        "aws-cn" => "console.amazonaws.cn",
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        _ => "console.aws.amazon.com",
    };
    let base = format!("https://{region}.{host}");
    Ok(match what {
        Page::Pool => outputs.owned("user_pool_id").map(|id| {
            format!("{base}/cognito/v2/idp/user-pools/{id}/info/overview?region={region}")
        }),
        _ => outputs.starting("api_id").map(|id| {
            format!("{base}/apigateway/main/apis/{id}/resources?api={id}&region={region}")
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn the_page_of_a_callback_is_its_root() {
        assert_eq!(
            page("http://localhost:3000/callback"),
            Some("http://localhost:3000")
        );
        assert_eq!(
            page("https://app.example.com"),
            Some("https://app.example.com")
        );
        assert_eq!(page("nothing"), None);
    }
}
