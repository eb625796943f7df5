//! Lambda's runtimes: their names, and where each of them looks for a handler. Pure.

/// The runtime of native programs, which a function has that names none.
pub const RUNTIME: &str = "provided.al2023";

/// The handler of a native program: any text does, but AWS insists on one.
pub const HANDLER: &str = "bootstrap";

/// What Lambda makes functions with (docs/aws.md §8). It adds some every year and gives others up, so
/// another name of the same form is only remarked.
pub const KNOWN: [&str; 19] = [
    "nodejs20.x",
    "nodejs22.x",
    "nodejs24.x",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "java8.al2",
    "java11",
    "java17",
    "java21",
    "java25",
    "ruby3.2",
    "ruby3.3",
    "ruby3.4",
    "dotnet8",
    "dotnet10",
    "provided.al2",
    "provided.al2023",
];

/// The newest of each family's, in the order of the list.
pub fn newest() -> Vec<&'static str> {
    let is_last = |pair: &[&str]| Family::of(pair[0]) != Family::of(pair[1]);
    let last_of_each = KNOWN
        .windows(2)
        .filter(|pair| is_last(pair))
        .map(|it| it[0]);
    last_of_each.chain(KNOWN.last().copied()).collect()
}

/// Runtimes that work alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Dotnet,
    Java,
    Node,
    /// A native program, or one that brings its own runtime.
    Provided,
    Python,
    Ruby,
}

impl Family {
    /// None of a text that is no runtime's name.
    pub fn of(runtime: &str) -> Option<Self> {
        [
            ("dotnet", Self::Dotnet),
            ("java", Self::Java),
            ("nodejs", Self::Node),
            ("provided", Self::Provided),
            ("python", Self::Python),
            ("ruby", Self::Ruby),
        ]
        .into_iter()
        .find(|(start, _)| runtime.starts_with(start))
        .map(|it| it.1)
    }

    /// A handler as this family has them.
    pub fn example(self) -> &'static str {
        match self {
            Self::Dotnet => "Users::Users.Function::Handle",
            Self::Java => "com.example.Users::handleRequest",
            Self::Node => "index.handler",
            Self::Provided => HANDLER,
            Self::Python => "app.handler",
            Self::Ruby => "app.handler",
        }
    }
}

/// The file that a handler is in, as far as its own text tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    family: Family,
    /// Its path without what follows the last dot.
    stem: String,
}

/// Why a text is no handler of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoHandler;

impl Module {
    /// None where the handler does not tell: a class may be in any archive, and what begins at the root
    /// is in a layer.
    ///
    /// # Errors
    /// Where the family could not find it (docs/aws.md §8).
    pub fn of(family: Family, handler: &str) -> Result<Option<Self>, NoHandler> {
        let handler = handler.strip_prefix("./").unwrap_or(handler);
        let (folder, name) = match handler.rsplit_once('/') {
            Some((folder, name)) => (format!("{folder}/"), name),
            None => (String::new(), handler),
        };
        let parts = match family {
            Family::Node | Family::Ruby => name.split_once('.'),
            Family::Python => name.rsplit_once('.'),
            Family::Dotnet | Family::Java | Family::Provided => return Ok(None),
        };
        let (module, function) = parts.ok_or(NoHandler)?;
        // Node refuses every handler with two dots in a row.
        let is_above = family == Family::Node && handler.contains("..");
        if module.is_empty() || function.is_empty() || is_above {
            return Err(NoHandler);
        }
        let stem = match family {
            Family::Python => format!("{folder}{}", module.replace('.', "/")),
            _ => format!("{folder}{module}"),
        };
        let is_inside = !stem.starts_with('/');
        Ok(is_inside.then_some(Self { family, stem }))
    }

    /// The files that are looked for.
    pub fn names(&self) -> Vec<String> {
        let ends: &[&str] = match self.family {
            Family::Node => &[".mjs", ".js", ".cjs"],
            Family::Ruby => &[".rb"],
            _ => &[".py", "/__init__.py"],
        };
        ends.iter()
            .map(|end| format!("{}{end}", self.stem))
            .collect()
    }

    /// Whether it is in a file of this path.
    pub fn is_in(&self, path: &str) -> bool {
        let Some(rest) = path.strip_prefix(&self.stem) else {
            return self.family == Family::Node
                && path
                    .strip_prefix("node_modules/")
                    .and_then(|path| path.strip_prefix(&self.stem))
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '/']));
        };
        match self.family {
            Family::Node => ["", ".js", ".mjs", ".cjs"].contains(&rest),
            Family::Ruby => rest == ".rb",
            // A compiled one names the processor in between.
            _ => {
                [".py", ".pyc", "/__init__.py", "/__init__.pyc"].contains(&rest)
                    || (rest.starts_with('.') && rest.ends_with(".so"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{Runtime, is_of};

    #[test]
    fn every_known_runtime_is_of_a_family_and_of_the_form() {
        for runtime in KNOWN {
            assert!(Family::of(runtime).is_some() && is_of::<Runtime>(runtime));
        }
        assert_eq!(
            newest(),
            [
                "nodejs24.x",
                "python3.14",
                "java25",
                "ruby3.4",
                "dotnet10",
                RUNTIME
            ]
        );
        for later in ["nodejs26.x", "python3.15", "java8.al2023", "ruby4.0"] {
            assert!(is_of::<Runtime>(later) && !KNOWN.contains(&later));
        }
        for other in ["nodejs", "node22", "nodejs22", "python3", "go1.x", "Java21"] {
            assert!(!is_of::<Runtime>(other), "{other}");
        }
    }

    #[test]
    fn a_handler_tells_its_file() {
        let is_in = |family, handler, path| {
            Module::of(family, handler)
                .unwrap()
                .is_some_and(|it: Module| it.is_in(path))
        };
        for (family, handler, path) in [
            (Family::Node, "index.handler", "index.mjs"),
            (Family::Node, "src/api/index.a.b", "src/api/index.js"),
            (
                Family::Node,
                "wrap/dist.handler",
                "node_modules/wrap/dist/index.js",
            ),
            (Family::Python, "app.handler", "app.py"),
            (Family::Python, "a/b.c.handler", "a/b/c.py"),
            (Family::Python, "a.handler", "a/__init__.py"),
            (
                Family::Python,
                "a.handler",
                "a.cpython-312-x86_64-linux-gnu.so",
            ),
            (Family::Ruby, "app.Users::Api.call", "app.rb"),
        ] {
            assert!(is_in(family, handler, path), "{handler} in {path}");
        }
        for (family, handler, path) in [
            (Family::Node, "index.handler", "index.ts"),
            (Family::Node, "index.handler", "src/index.js"),
            (Family::Node, "index.handler", "index2.js"),
            (Family::Python, "app.handler", "app.txt"),
            (Family::Ruby, "app.handler", "app.py"),
            (Family::Node, "/opt/nodejs/index.handler", "index.js"),
        ] {
            assert!(!is_in(family, handler, path), "{handler} in {path}");
        }
        for (family, handler) in [
            (Family::Node, "handler"),
            (Family::Node, "src.d/handler"),
            (Family::Python, ".handler"),
            (Family::Ruby, "app."),
            (Family::Node, "../index.handler"),
        ] {
            assert_eq!(Module::of(family, handler), Err(NoHandler), "{handler}");
        }
        assert_eq!(Module::of(Family::Java, "Users"), Ok(None));
    }
}
