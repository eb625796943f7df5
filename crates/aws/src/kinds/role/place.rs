//! Where wsctl's roles stand in IAM: a path from which the stack and the address read back. Pure.

use crate::value::Address;

/// The path above all roles of one stack in one region.
pub fn prefix(region: &str, stack: &str) -> String {
    format!("/wsctl/{region}/{stack}/")
}

/// The path of the role at `address`: `functions.users.role` stands in `…/users/`, any other
/// role in a segment of its whole address.
pub(super) fn path(region: &str, stack: &str, address: &str) -> String {
    let segments = address.parse::<Address>().unwrap_or_default();
    let segment = match segments.segments() {
        [table, key, role] if table == "functions" && role == "role" && !key.contains('.') => key,
        _ => address,
    };
    format!("{}{segment}/", prefix(region, stack))
}

/// The address of a role in `path`; `None` for a path that is not of this form.
pub(super) fn address(region: &str, stack: &str, path: &str) -> Option<String> {
    let segment = path
        .strip_prefix(&prefix(region, stack))?
        .strip_suffix('/')?;
    let address = match segment.contains('.') {
        true => segment.parse::<Address>().ok()?,
        false if segment.is_empty() || segment.contains('/') => return None,
        false => Address::new(["functions", segment, "role"]),
    };
    Some(address.to_string())
}

/// The region, stack and address that any of wsctl's paths tells.
pub fn owner_by(path: &str) -> Option<(String, String, String)> {
    let (region, rest) = path.strip_prefix("/wsctl/")?.split_once('/')?;
    let (stack, _) = rest.split_once('/')?;
    Some((
        region.to_owned(),
        stack.to_owned(),
        address(region, stack, path)?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_back_as_the_address() {
        for at in [
            "functions.users.role",
            "api.logs.role",
            r#"functions."a.b".role"#,
        ] {
            let path = path("eu-west-1", "workshop", at);
            assert_eq!(
                address("eu-west-1", "workshop", &path).as_deref(),
                Some(at),
                "{path}"
            );
        }
        assert_eq!(
            path("eu-west-1", "workshop", "functions.users.role"),
            "/wsctl/eu-west-1/workshop/users/"
        );
    }

    #[test]
    fn a_path_tells_whose_it_is() {
        let (region, stack, address) = owner_by("/wsctl/eu-west-1/workshop/users/").unwrap();
        assert_eq!(
            (&*region, &*stack, &*address),
            ("eu-west-1", "workshop", "functions.users.role")
        );
        assert!(
            ["/", "/wsctl/", "/wsctl/eu-west-1/", "/other/a/b/c/"]
                .iter()
                .all(|it| owner_by(it).is_none())
        );
    }

    #[test]
    fn another_stacks_path_is_not_ours() {
        assert_eq!(
            address("eu-west-1", "workshop", "/wsctl/eu-west-1/workshop2/users/"),
            None
        );
        assert_eq!(
            address("eu-west-1", "workshop", "/wsctl/eu-west-1/workshop/"),
            None
        );
    }
}
