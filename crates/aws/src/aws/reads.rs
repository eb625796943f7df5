//! What one observation asks AWS, each question asked once.

use super::Aws;
use crate::{
    error::Result,
    owner::{ATTACHED_TAG, Owner, STACK_TAG, StackOutputs, Tags, address_of, owner_of},
};
use aws_sdk_resourcegroupstagging::types::TagFilter;
use std::{
    any::Any,
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::OnceCell;

/// How long lists are given to have what was just made, where that cannot be asked. AWS states no
/// bound.
pub(crate) const LIST_LAG: Duration = Duration::from_secs(5);

/// A resource that carries the stack's tag, as the tagging API has it: a candidate, to be
/// confirmed by the service itself, since that index lags (docs/aws.md §1.1).
#[derive(Clone, Debug)]
pub struct Tagged {
    pub arn: String,
    pub tags: Tags,
}

type Shared = Arc<dyn Any + Send + Sync>;

/// One observation of one stack: the clients, and the answers that several kinds share.
pub struct Reads {
    pub aws: Arc<Aws>,
    pub stack: String,
    /// Whether to look also for what the stack has attached.
    attached: bool,
    to_make: bool,
    for_a_file: bool,
    thorough: bool,
    answers: Mutex<HashMap<String, Shared>>,
}

impl Reads {
    pub fn new(aws: Arc<Aws>, stack: impl Into<String>) -> Self {
        Self {
            aws,
            stack: stack.into(),
            attached: false,
            to_make: false,
            for_a_file: false,
            thorough: false,
            answers: Mutex::default(),
        }
    }

    /// For a look at resources whose names are known, in an account that is: the tagging API, whose
    /// index lags and tells of all the others too, is taken to know nothing, and is not asked.
    pub fn by_name(aws: Arc<Aws>, stack: &StackOutputs) -> Self {
        let reads = Self::new(aws, &stack.name);
        let known = |key: &str, answer: Shared| {
            reads
                .answers
                .lock()
                .expect("no panic while held")
                .insert(key.to_owned(), answer);
        };
        known(
            "tagged as own",
            Arc::new(OnceCell::new_with(Some(Arc::new(Vec::<Tagged>::new())))),
        );
        known(
            "account",
            Arc::new(OnceCell::new_with(Some(Arc::new(stack.account.clone())))),
        );
        reads
    }

    /// Looks also for what the stack has attached: one request more.
    pub fn with_attached(self) -> Self {
        Self {
            attached: true,
            ..self
        }
    }

    /// Looks also at what the account lacks for what is to be made.
    pub fn to_make(self) -> Self {
        Self {
            to_make: true,
            ..self
        }
    }

    /// Looks also at what costs a request that only a file which declares it is worth: to write such a file.
    pub fn for_a_file(self) -> Self {
        Self {
            for_a_file: true,
            ..self
        }
    }

    /// Asks also for what nothing tells of: drift has to know.
    pub fn thorough(self) -> Self {
        Self {
            thorough: true,
            ..self
        }
    }

    pub fn is_for_a_file(&self) -> bool {
        self.for_a_file
    }

    pub fn is_thorough(&self) -> bool {
        self.thorough
    }

    pub fn is_to_make(&self) -> bool {
        self.to_make
    }

    /// The answer to the question called `key`: asked once, given to everyone who wants it.
    pub async fn memo<T, F>(&self, key: &str, ask: F) -> Result<Arc<T>>
    where
        T: Send + Sync + 'static,
        F: Future<Output = Result<T>> + Send,
    {
        let cell = {
            let mut answers = self.answers.lock().expect("no panic while held");
            let cell = answers
                .entry(key.to_owned())
                .or_insert_with(|| Arc::new(OnceCell::<Arc<T>>::new()) as Shared);
            Arc::clone(cell)
        };
        let cell = cell
            .downcast::<OnceCell<Arc<T>>>()
            .expect("one key, one type");
        cell.get_or_try_init(|| async { ask.await.map(Arc::new) })
            .await
            .cloned()
    }

    /// Everything that the tagging API knows to carry the stack's tag, or, where that is looked for, the tag of what
    /// it has attached. IAM roles are not in it.
    pub async fn tagged(&self) -> Result<Arc<Vec<Tagged>>> {
        if !self.attached {
            return self.tagged_as_own().await;
        }
        let ask = async {
            let (owned, attached) =
                tokio::try_join!(self.tagged_as_own(), self.ask_tagged(ATTACHED_TAG))?;
            Ok([owned.as_ref().clone(), attached].concat())
        };
        // On the heap, as below: every look of every kind holds this one.
        self.memo("tagged", Box::pin(ask)).await
    }

    /// Everything that the tagging API knows to carry the stack's tag.
    pub async fn tagged_as_own(&self) -> Result<Arc<Vec<Tagged>>> {
        let ask = Box::pin(self.ask_tagged(STACK_TAG));
        self.memo("tagged as own", ask).await
    }

    async fn ask_tagged(&self, key: &str) -> Result<Vec<Tagged>> {
        let filter = TagFilter::builder().key(key).values(&self.stack).build();
        let (mut found, mut next) = (vec![], None);
        loop {
            let page = self
                .aws
                .read("tag:GetResources", || {
                    let request = self.aws.tagging.get_resources().tag_filters(filter.clone());
                    request
                        .resources_per_page(100)
                        .set_pagination_token(next.clone())
                        .send()
                })
                .await?;
            for mapping in page.resource_tag_mapping_list() {
                let tags = mapping
                    .tags()
                    .iter()
                    .map(|tag| (tag.key().to_owned(), tag.value().to_owned()));
                let arn = mapping.resource_arn().unwrap_or_default().to_owned();
                found.push(Tagged {
                    arn,
                    tags: tags.collect(),
                });
            }
            // A page may be empty while a token remains (docs/aws.md §1.1).
            next = page
                .pagination_token()
                .filter(|token| !token.is_empty())
                .map(ToOwned::to_owned);
            if next.is_none() {
                return Ok(found);
            }
        }
    }

    /// The tail of each tagged ARN that holds `marker`: what follows it, up to the end.
    pub async fn tagged_after(&self, marker: &str) -> Result<Vec<String>> {
        let tagged = self.tagged().await?;
        Ok(tagged
            .iter()
            .filter_map(|it| it.arn.split_once(marker))
            .map(|(_, tail)| tail.to_owned())
            .collect())
    }

    /// The account, read off a tagged resource's ARN or else asked of STS.
    pub async fn account(&self) -> Result<String> {
        let tagged = self.tagged().await?;
        let known = tagged
            .iter()
            .find_map(|it| Some((account_in(&it.arn)?, &it.arn)));
        match known {
            Some((account, arn)) => {
                self.aws.learn(arn);
                Ok(account)
            }
            None => self.caller_account().await,
        }
    }

    /// The account of the credentials, asked of STS (which needs no permission).
    pub async fn caller_account(&self) -> Result<String> {
        let account = self.memo("account", self.aws.caller_account()).await?;
        Ok(account.as_ref().clone())
    }

    fn outputs(&self) -> StackOutputs {
        StackOutputs {
            name: self.stack.clone(),
            region: self.aws.region.clone(),
            account: String::new(),
        }
    }

    /// Whose a resource with these tags is.
    pub fn owner_of(&self, tags: &Tags) -> Owner {
        owner_of(&self.outputs(), tags)
    }

    /// The address of a root: what its tags say where it is ours, otherwise the wanted one.
    pub fn address_of(&self, tags: &Tags, wanted: Option<&str>, fallback: &str) -> String {
        match self.owner_of(tags) {
            Owner::Ours | Owner::Attached => address_of(tags, wanted.unwrap_or(fallback)),
            _ => wanted.unwrap_or(fallback).to_owned(),
        }
    }
}

/// The account in an ARN; API Gateway's have none.
fn account_in(arn: &str) -> Option<String> {
    arn.split(':')
        .nth(4)
        .filter(|account| !account.is_empty())
        .map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_the_fifth_part_of_an_arn() {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:users";
        assert_eq!(account_in(arn).as_deref(), Some("123456789012"));
        assert_eq!(
            account_in("arn:aws:apigateway:eu-west-1::/restapis/abc"),
            None
        );
    }
}
