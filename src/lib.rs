//! wsctl provisions the Amazon Cognito workshop stack from one declarative file.
//!
//! # The idea
//!
//! ```text
//! stack.toml ──stack──▶ Vec<Desired> ─┐
//!                                     ├─ plan (pure) ──▶ Plan ──┬─ view ──▶ a person, JSON
//! AWS ──engine::observe──▶ Vec<Live> ─┘                         └─ engine::apply ──▶ AWS
//! ```
//!
//! There is no state file: live AWS is the state. `destroy` is the plan against an empty stack.
//!
//! # The rooms
//!
//! | room | what is in it | pure |
//! |---|---|---|
//! | [`cli`] | what can be typed | yes |
//! | [`commands`] | one file a command: load, observe, plan, render; only here is printed | |
//! | [`error`] | the one error type; its kind decides the exit code | yes |
//! | [`value`] | addresses, `${…}` references, digests | yes |
//! | [`diff`] | two trees → the fields that differ | yes |
//! | [`graph`] | the stack as Mermaid, DOT and SVG | yes |
//! | [`drift`] | a plan read as a finding: what is not as the file says | yes |
//! | [`duration`] | `60m`, `5d` | yes |
//! | [`stack`] | stack.toml: source and spans, schema, tables, checks, lowering to [`plan::Desired`] | yes |
//! | [`plan`] | desired + live → steps, and their order | yes |
//! | [`spec`] | one file a kind of resource: what can be said of it, and what it is like | yes |
//! | [`kind`] | the contract of a kind's calls, typed and erased | |
//! | [`kinds`] | one file a kind: its calls; only here are services called | |
//! | [`engine`] | observe and apply | |
//! | [`inventory`] | everything in an account and region that may be of a stack; it only reads | |
//! | [`aws`] | clients, the one way to call, retries, what errors mean, ownership tags | |
//! | [`identity`] | users, sign-in, tokens and their checks, plain HTTP: what `user`, `token`, `call` are made of | in part |
//! | [`owner`] | whose a resource is, and the tags that say so | yes |
//! | [`package`] | building and packing a function's zip | |
//! | [`bounded`] | reading files that may be devices, pipes or without an end | |
//! | [`permissions`] | what IAM has to grant for each task | yes |
//! | [`plain`] | text that somebody else wrote, made harmless where a person reads it | yes |
//! | [`private`] | folders and files that are the user's alone: `.wsctl` and the cache | |
//! | [`process`] | which process is which | |
//! | [`shape`] | which texts AWS takes, under its own names for them | yes |
//! | [`sandbox`] | the local AWS: MiniStack, installed, amended and run | |
//! | [`verify`] | the workshop page's acceptance of a whole stack | but for the calls |
//! | [`view`] | plans, reports and progress as text | yes, but for progress |
//!
//! To add a kind of resource: one file in `spec/` and one line in its list, one in `kinds/`, and where
//! stack.toml declares it, its table in `stack/tables.rs` and its lowering in `stack/lower/`.
//!
//! # Decisions
//!
//! - **What is ours.** Roots carry the tags `wsctl:stack` and `wsctl:address`; children belong to
//!   their root. Roots are found through the tagging API, and by name where it has none yet. IAM
//!   roles, which that API does not know, live under the path `/wsctl/REGION/STACK/`, which also
//!   finds those whose function is gone.
//! - **Attached is borrowed.** What `existing = true` names stays its owner's: it is changed only
//!   where the file declares something, and what is in it beside that is neither changed nor
//!   deleted. There is no state file, so what it was before is remembered in AWS: in tags of the
//!   attached pool or API (`plan/attach.rs` has their form), set before anything else is written;
//!   of a function in a published version of it, since its variables may be secrets. Deployments of
//!   wsctl carry its mark, so that an attached stage goes back to the deployment that it had. A
//!   secret is never written. What was not there is given back by an empty value; what AWS never takes
//!   back, a custom attribute, is said in the plan, and does not keep the rest from being given back. A
//!   route of which it is not known what it was is left closed (`AWS_IAM`). Undeclared variables of an attached function stay. What is only named stays
//!   unmarked: a root is attached with the first change in it, its stage is deployed only after one,
//!   and its function gets no permission that its own statements give already.
//! - **What stack.toml has no word for.** In what wsctl owns it is as AWS makes it. Where it decides
//!   who gets in, or what a caller meets, it is read ([`spec::Traits::beyond`]): what somebody else set
//!   is a difference, and an apply takes it back. What only its owner can judge, such as a trigger of
//!   a pool, is told, counts as drift and stays. The rest is ignored, each member of each answer for
//!   a reason that stands in `tests/converges/members.txt`.
//! - **Users are asked for, not estimated.** Cognito's number of users lags, so before a pool goes
//!   `ListUsers` is asked: in the plan, where the answer demands the user's word, and once more right
//!   before the deletion (`engine/weigh.rs`). No other plan asks.
//! - **Roles are not adopted.** A role's path cannot change and is what finds it; `role` in a
//!   function's table uses any other.
//! - **Between two runtimes.** Code and configuration of a function are two calls; a zip with both
//!   programs is uploaded first, so that the function can start at every moment.
//! - **Reading in three waves.** A kind's `find` gives ids, so that its own `read` and its
//!   children's `find` run together. Answers that several kinds need are asked for once
//!   ([`aws::Reads::once`]).
//! - **Updates read first.** Cognito's updates reset what they leave out, so an update reads the
//!   live resource, overlays what is declared, and sends everything.
//! - **Creates are never repeated blindly.** After a lost reply the engine looks for what was made, and
//!   where that is nothing, makes it in the same run: at once where AWS refuses a second one of the name,
//!   otherwise after lists were asked for 15 s. It is assumed that a request without a reply has taken
//!   effect by then or never does, and that lists show it by then (`engine/made.rs`). What never left this
//!   machine is sent again as it is (`aws/call.rs`).
//! - **An apply proves itself.** "Done" is said only of what AWS took: at the end what was made or changed
//!   is read again, in one wave and nothing else, and compared with what was planned; what is otherwise
//!   after 20 s is named, and the run fails (`engine/taken.rs`). The wave is as many requests as a plan of
//!   just that takes. It also ends an apply only when lists have the pools, clients and APIs that it made:
//!   those have no name that AWS keeps unique, and another apply that comes too early would make them once
//!   more. Deletions are not looked at again, but after a destroy, by its own proof.
//! - **The engine's changes are no fields.** That a root has moved or is attached stands in members of a
//!   step that no kind has, so that no field of any kind can be taken for it.
//! - **Two ways to replace.** Where a name identifies the resource to AWS, the new one is made
//!   beside the old one, which goes last; otherwise the old one goes first. Whoever loses something by
//!   it is asked ([`spec::Traits::lost`]). A statement of a function's policy is added under another id
//!   before the old one goes; a path parameter is renamed in place, since there can be one.
//! - **What is left out stays, with what it needs.** A function that stays in its network keeps the
//!   right to be there, and one that keeps its variables may read the secrets that they name; a stage
//!   whose log group goes stops writing to it. What nothing can tell, such as a variable that names a
//!   secret which goes, is refused (`plan/together.rs`, `plan/dangling.rs`).
//! - **Refused before anything is sent.** A name that AWS gives once and somebody has, what the account
//!   lacks: the plan knows (`plan/names.rs`, `plan/lacks.rs`), not the middle of an apply.
//! - **Deployed means the digest.** The deployment's description carries two digests of everything in
//!   the API with all ids resolved: as declared, and with what is not declared as it is. It is
//!   deployed where one of them is the same (`plan/deployed.rs`). The stage's step comes after all
//!   its siblings, and any repair in the API deploys again. Old deployments are kept, as the console
//!   keeps them, for rolling back.
//! - **One change of a stack at a time.** The lock is a log group of a fixed name (`aws/lock.rs`).
//!   AWS has few creates that are atomic and refuse a second one: role names (IAM is slow to agree
//!   on them), secrets (a deleted one keeps its name), log groups. Log groups cost nothing, take
//!   tags at creation, are gone when deleted, and need no service that wsctl does not use anyway.
//!   The tags name the holder, so that a second apply can say who it is, and a token, so that a
//!   lost reply is told from somebody else's lock. The lock does not carry `wsctl:stack`: it is
//!   none of the stack's resources, and no look at the stack sees it. `list` and `destroy` do; the lock of
//!   a process of this machine that is surely dead is removed by the next apply, destroy or sweep, any
//!   other only by `unlock`.
//! - **Execution logs go with their API.** API Gateway makes them by itself and without tags, and they
//!   outlive the API. They get the stack's tag before it is deleted, so that a destroy that is cut off in
//!   between leaves nothing that the next one could not find.
//! - **What is carried out was read under the lock.** With a look before the lock, another apply
//!   could come in between. A person is shown a plan without the lock, since answering takes time;
//!   after the answer wsctl looks again under it and carries the plan out only if it is the same.
//!   With `--yes` there is nobody to show it to: where the tagging API alone shows that roots are
//!   to be made or removed, or the file is another than this folder's last applied one, the only
//!   look is the one under the lock; else a look without it comes first, because an apply that
//!   changes nothing takes no lock and writes nothing.
//! - **The lock's requests are counted apart.** "One changed field is one write" is said of the
//!   stack's resources; `-v` shows the lock's beside them, and the sum has all.
//! - **Secrets.** A spec may hold a function's environment, so specs have no `Debug` and are never
//!   serialised into a plan; live values of hidden fields and everything from `${env.…}` show as
//!   `(hidden)`. A secret's value is made in memory at creation and never read back. AWS may quote
//!   what it refuses, so what was sent as a secret is masked in every error (`aws/hidden.rs`).

pub mod aws;
pub mod bounded;
pub mod cli;
pub mod commands;
pub mod diff;
pub mod drift;
pub mod duration;
pub mod engine;
pub mod error;
pub mod graph;
pub mod identity;
pub mod inventory;
pub mod kind;
pub mod kinds;
pub mod owner;
pub mod package;
pub mod permissions;
pub mod plain;
pub mod plan;
pub mod private;
pub mod process;
pub mod sandbox;
pub mod shape;
pub mod spec;
pub mod stack;
pub mod value;
pub mod verify;
pub mod view;
