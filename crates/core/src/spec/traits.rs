//! What a kind is like, for the planner, the checks and the engine. Pure.

use super::{Produces, Spec, role::Needs, to_tree};
use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

/// How AWS is asked whether a resource is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// By its name: the answer is never late.
    Name,
    /// In a list, which may lag behind; but AWS refuses a second one of the name.
    NameInList,
    /// In a list, which may lag behind; and AWS would make a second one.
    List,
}

/// [`Traits::with_needs`].
pub type WithNeeds = fn(&Value, &Needs) -> Value;
/// [`Traits::already_granted`].
pub type AlreadyGranted = fn(&Value, &[&str], &[&Value]) -> bool;
/// [`Traits::gives`].
pub type GivesNames = fn(&str, &Value) -> Vec<String>;
/// The names in a field's value.
pub type NamesIn = fn(&Value) -> Vec<String>;
/// [`Part::takes`].
pub type TakesField = fn(&Value, &str) -> (bool, bool);
/// [`Traits::in_definition`].
pub type InDefinition = fn(&str, &Value) -> bool;
/// [`Traits::path`].
pub type PathIn = fn(&str) -> (&str, &str);
/// [`Closing::why`].
pub type WhyClosed = fn(&Value, &dyn Fn(&str) -> bool) -> Option<String>;

/// How what was bound is left where it cannot be what it was: nobody gets in who could not before.
#[derive(Clone, Copy, Debug)]
pub struct Closing {
    /// It, so that it lets nobody in.
    pub closed: fn(&Value) -> Value,
    /// Why it cannot be this again, where only siblings of some ids are still there.
    pub why: WhyClosed,
    /// The id of the sibling that says whom to let in.
    pub asks: fn(&Value) -> Option<&str>,
}

/// How stack.toml declares a kind that is a table in a table of its parent's, by its name, and whose fields
/// are all that can be said there. The rest of stack.toml's code knows no more of such a kind than this.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// AWS's noun, of which the names of its operations are made: `Group` for `CreateGroup`, `ListGroups`.
    pub noun: &'static str,
    /// What they all are, for the reference.
    pub about: &'static str,
    /// The table of them: which names they can have, and the fields of one.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
    /// Whether the list tells their names only, and each is described by itself.
    pub is_described: bool,
    /// Whether one of a spec can have a field, and whether it cannot be made without; any, where all can
    /// have all.
    pub takes: Option<TakesField>,
    /// Fields that name a file, each with the field that the file's text is for.
    pub files: &'static [(&'static str, &'static str)],
    /// Makes a live spec what a file says of it, where that is not all.
    pub imported: Option<fn(&mut Value)>,
}

impl Part {
    /// A kind of parts with nothing particular about it.
    pub const fn of(
        noun: &'static str,
        about: &'static str,
        schema: fn(&mut SchemaGenerator) -> Schema,
    ) -> Self {
        Self {
            noun,
            about,
            schema,
            is_described: false,
            takes: None,
            files: &[],
            imported: None,
        }
    }
}

/// What the planner has to know of a kind.
#[derive(Clone, Copy, Debug)]
pub struct Traits {
    pub name: &'static str,
    pub parent: &'static str,
    /// The segment between the parent's address and the name: `clients`. Empty for roots, whose
    /// name is the whole address. A child with an empty name is its parent's only one.
    pub table: &'static str,
    /// How stack.toml declares it, where that takes no code of its own.
    pub part: Option<Part>,
    /// Fields that only creation sets: a change deletes the resource and makes it again.
    pub replace_on: &'static [&'static str],
    /// Fields that name the resource to AWS: a change makes the new one beside the old one,
    /// moves everything over, and deletes the old one last.
    pub rename_on: &'static [&'static str],
    /// Maps in which an undeclared key is a difference.
    pub whole: &'static [&'static str],
    /// Fields used at creation only; AWS never gives them back, so they are never compared.
    pub create_only: &'static [&'static str],
    /// Fields whose live value may be a secret: never shown.
    pub hidden: &'static [&'static str],
    /// Fields of which the live value may have a secret in it, such as an address's query: not shown either,
    /// but remembered.
    pub veiled: &'static [&'static str],
    /// Fields that stack.toml does not declare and that decide who gets in, or what a caller meets. In
    /// what wsctl owns they are as AWS makes them, which is empty: an update that names one empties it.
    /// Where stack.toml has a word for one and says it, that counts.
    pub beyond: &'static [&'static str],
    /// Fields that stack.toml does not have: wsctl makes them of others, and a person need not see them.
    pub derived: &'static [&'static str],
    /// Fields that are set after everything else, once what they name is there: that may itself need this,
    /// as the function behind a pool's trigger does that calls the pool.
    pub late: &'static [&'static str],
    /// Whether deleting the parent deletes it too.
    pub goes_with_parent: bool,
    /// Whether it is taken away before its parent changes, which may not show it any more then.
    pub goes_before_change: bool,
    /// Whether it comes after everything else in its parent: the deployment of an API.
    pub after_siblings: bool,
    /// Fields that callers meet only once they are deployed, as all that is in it.
    pub deployed: &'static [&'static str],
    /// The field that AWS knows it by within its parent; none where that is its name.
    pub identity: Option<&'static str>,
    /// Whether one that is there in an attached parent may be changed as stack.toml declares, and
    /// given back; any other has to be wsctl's own.
    pub bindable: bool,
    /// What to remember of it before it is bound; where empty, the fields that change.
    pub remembered: &'static [&'static str],
    /// Fields all of which are remembered when any part of them changes, since one part decides over
    /// the others: without MFA there are no factors.
    pub together: &'static [&'static str],
    /// Maps that AWS only adds to: an entry that is there is never changed or removed.
    pub added_to: &'static [&'static str],
    /// Whether the tagging API knows it, as it does all roots but IAM's.
    pub indexed: bool,
    /// How it is looked for; what only a list has is waited for when it was just made.
    pub found: FoundBy,
    /// Whether reading it tells everything of one whose outputs are known, without a list.
    pub read_by_id: bool,
    /// Fields that AWS may rightly have otherwise than they were sent.
    pub read_otherwise: &'static [&'static str],
    /// What its replacement takes from others: "the client id changes". Where empty, nothing is lost
    /// with it, and nobody has to agree.
    pub lost: &'static str,
    /// Whether a change makes the new one beside the old one, which goes then: a run that was cut off
    /// between the two leaves both.
    pub beside: bool,
    /// Whether somebody else's can be used, with `existing = true`.
    pub attachable: bool,
    /// What to do in the place of adopting it; empty where it can be adopted.
    pub instead_of_adopting: &'static str,
    /// Whether what uses it may know it by its name alone, as a function's variable does a secret.
    pub used_by_name: bool,
    /// A field that is left out, and its member with an ARN: it stays only while what that names does.
    pub stays_with: Option<(&'static str, &'static str)>,
    /// The path of a field that AWS keeps when it is left out: what that names stays as long as it does.
    pub keeps: &'static [&'static str],
    /// A policy of its own that also lets what it is for read these secrets, and be in a network.
    pub with_needs: Option<WithNeeds>,
    /// Names that others of its parent can use, by its name and spec: `SERVER/SCOPE`.
    pub gives: Option<GivesNames>,
    /// Its fields with names that others of its parent give, each with their kind and how it has them; they are
    /// there before it.
    pub uses: &'static [(&'static str, &'static str, NamesIn)],
    /// A field with the id of an API that it leads callers to: AWS deletes neither that nor its stage before.
    pub leads_to: Option<&'static str>,
    /// Whether it calls what it refers to, under its own name: `GET /users`.
    pub calls: bool,
    /// Whether others of its kind let everything that calls its parent do what it would, by its spec, the
    /// callers' names, and the others' specs.
    pub already_granted: Option<AlreadyGranted>,
    /// What becomes of it where it was bound and cannot be what it was.
    pub closing: Option<Closing>,
    /// Whether one of this name and spec can be made in one request with others of its parent, by a definition of
    /// all of them; references are still open in the spec.
    pub in_definition: Option<InDefinition>,
    /// The path in its name, and what stands before that: nothing, where it is the path itself.
    pub path: Option<PathIn>,
    /// Whether anybody may call it, by its name and spec.
    pub open_to_everyone: Option<fn(&str, &Value) -> bool>,
    /// Whether one of this name says little in a picture.
    pub says_little: Option<fn(&str) -> bool>,
    /// Whether names that differ in their case only are one name to AWS.
    pub caseless: bool,
    /// A declared spec as a live one would be: sets in order, and [`Spec::normal`]. To be asked only
    /// after references are resolved, since what they stand for decides the order.
    pub normal: fn(&Value) -> Value,
    /// The names of its outputs, for checking references.
    pub outputs: fn() -> Vec<String>,
}

impl Traits {
    /// A kind with nothing particular about it.
    pub const fn of<S: Spec>() -> Self {
        Self {
            name: S::NAME,
            parent: S::Parent::NAME,
            table: "",
            part: None,
            replace_on: &[],
            rename_on: &[],
            whole: &[],
            create_only: &[],
            hidden: &[],
            veiled: &[],
            beyond: &[],
            derived: &[],
            late: &[],
            goes_with_parent: true,
            goes_before_change: false,
            after_siblings: false,
            deployed: &[],
            identity: None,
            bindable: false,
            remembered: &[],
            together: &[],
            added_to: &[],
            indexed: true,
            found: FoundBy::Name,
            read_by_id: false,
            read_otherwise: &[],
            lost: "",
            beside: false,
            attachable: false,
            instead_of_adopting: "",
            used_by_name: false,
            stays_with: None,
            keeps: &[],
            with_needs: None,
            gives: None,
            uses: &[],
            leads_to: None,
            calls: false,
            already_granted: None,
            closing: None,
            in_definition: None,
            path: None,
            open_to_everyone: None,
            says_little: None,
            caseless: false,
            normal: normal::<S>,
            outputs: outputs::<S>,
        }
    }
}

/// The texts of a list.
pub fn names_in_list(list: &Value) -> Vec<String> {
    let names = list.as_array().into_iter().flatten();
    let names = names.filter_map(Value::as_str);
    names.map(ToOwned::to_owned).collect()
}

/// [`Traits::outputs`].
fn outputs<S: Spec>() -> Vec<String> {
    let tree = to_tree(&S::Outputs::default()).unwrap_or_default();
    tree.as_object()
        .into_iter()
        .flat_map(|map| map.keys().cloned())
        .collect()
}

/// [`Traits::normal`]: the spec as its own type writes it.
fn normal<S: Spec>(spec: &Value) -> Value {
    let typed = serde_json::from_value::<S>(spec.clone()).map(S::normal);
    match typed.and_then(serde_json::to_value) {
        Ok(typed) => declared_of(spec, typed),
        // A reference stands where its type has a number: it is not known yet.
        Err(_) => spec.clone(),
    }
}

/// Of `typed` only what `spec` declares: a type fills in what is left out. A null that is declared
/// (a field given back as none) stays one.
fn declared_of(spec: &Value, typed: Value) -> Value {
    match (spec, typed) {
        (Value::Object(spec), Value::Object(mut typed)) => {
            let kept = spec
                .iter()
                .filter_map(|(key, value)| match typed.remove(key) {
                    Some(typed) => Some((key.clone(), declared_of(value, typed))),
                    None => value.is_null().then(|| (key.clone(), Value::Null)),
                });
            Value::Object(kept.collect())
        }
        (_, typed) => typed,
    }
}
