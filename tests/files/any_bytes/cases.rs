//! Files that wsctl once stumbled over, and files made to be too much.

/// Variables in a row, each of which has the one before it so many times in it.
fn growing(times: usize, deep: usize, first: usize) -> String {
    let one = |index: usize| {
        format!(
            "v{index} = \"{}\"\n",
            format!("${{var.v{}}}", index - 1).repeat(times)
        )
    };
    let rest: String = (1..=deep).map(one).collect();
    format!(
        "[vars]\nv0 = \"{}\"\n{rest}[user_pool]\nname = \"${{var.v{deep}}}\"\n",
        "x".repeat(first)
    )
}

/// By what they are.
pub(crate) fn found() -> Vec<(&'static str, Vec<u8>)> {
    let head = "[stack]\nname = \"demo\"\nregion = \"eu-west-1\"\n";
    let text = |text: &str| format!("{head}{text}").into_bytes();
    vec![
        ("too large", "#".repeat(2 << 20).into_bytes()),
        (
            "bytes that are no text",
            b"[stack]\nname = \"\xff\"\n".to_vec(),
        ),
        (
            "a thousand arrays in one another",
            text(&format!("a = {}", "[".repeat(1000))),
        ),
        (
            "a thousand tables in one another",
            text(&format!("a = {}", "{ a = ".repeat(1000))),
        ),
        (
            "a header of a hundred thousand parts",
            text(&format!("[{}a]", "a.".repeat(100_000))),
        ),
        (
            "a key of a hundred thousand parts",
            text(&format!("{}a = 1", "a.".repeat(100_000))),
        ),
        (
            "a mistake in every line of a large file",
            "=\n".repeat(1 << 19).into_bytes(),
        ),
        (
            "a key as large as a file may be",
            text(&format!("{} = 1", "a".repeat(1_000_000))),
        ),
        (
            "a value as large as a file may be",
            text(&format!(
                "[user_pool]\nname = \"{}\"",
                "a".repeat(1_000_000)
            )),
        ),
        (
            "a hundred thousand unknown keys",
            text(
                &(0..100_000)
                    .map(|it| format!("k{it}=1\n"))
                    .collect::<String>(),
            ),
        ),
        (
            "a hundred thousand references",
            text(&format!("[vars]\na = \"{}\"", "${api.id}".repeat(100_000))),
        ),
        (
            "variables of one another, each ten times over",
            text(&growing(10, 8, 100)),
        ),
        (
            "two variables, each a thousand times over",
            text(&growing(1000, 2, 1000)),
        ),
        (
            "a long variable in a hundred thousand places",
            text(&format!(
                "[vars]\na = \"{}\"\n[stack.tags]\n{}",
                "x".repeat(10_000),
                (0..20_000)
                    .map(|it| format!("t{it} = \"${{var.a}}\"\n"))
                    .collect::<String>()
            )),
        ),
        (
            "much that comes to nothing",
            text(&format!(
                "[vars]\ne = \"\"\na = \"{}\"\n[stack.tags]\n{}",
                "${var.e}".repeat(40_000),
                (0..20_000)
                    .map(|it| format!("t{it} = \"${{var.a}}\"\n"))
                    .collect::<String>()
            )),
        ),
        (
            "an open reference as large as a file may be",
            text(&format!("[vars]\na = \"{}\"", "${".repeat(500_000))),
        ),
    ]
}
