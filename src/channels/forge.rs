//! What GitHub, GitLab and Gitea have in common. Repositories are standing items: the stars and forks that were
//! there at first sight are audience, what is added later is engagement.

use super::Progress;
use crate::model::{Counts, Figure, ItemId, Metric, Post, PostKind, Time};
use crate::text;
use chrono::TimeDelta;

/// A repository older than this at first sight is a standing item.
const NEW: TimeDelta = TimeDelta::days(3);

/// A public repository as its forge lists it.
pub(super) struct Repository {
    pub id: u64,
    /// With its owner: `ada/salt-pan`.
    pub full_name: String,
    pub about: Option<String>,
    pub url: Option<String>,
    pub published: Time,
    pub stars: Option<u64>,
    pub forks: Option<u64>,
}

pub(super) fn add(progress: &mut Progress, repository: Repository) {
    let name = text::clean(&repository.full_name);
    let about = repository.about.as_deref().map(text::clean).unwrap_or_default();
    progress.add(Post {
        id: ItemId(repository.id.to_string()),
        kind: PostKind::Repository,
        url: repository.url,
        title: if about.is_empty() { name } else { format!("{name}: {about}") },
        published: repository.published,
        counts: Counts::default()
            .with(Metric::Likes, repository.stars)
            .with(Metric::Reshares, repository.forks),
        standing: progress.now - repository.published > NEW,
    });
}

/// Ends the listing: what a whole one does not show was deleted, given away or made private.
pub(super) fn end(progress: &mut Progress, complete: bool) {
    progress.seen.complete = complete;
    if complete {
        progress.seen.gone = progress.unseen().into_iter().map(|(id, _)| id.clone()).collect();
    }
    let total = total_stars(progress);
    progress.figure(Figure::Stars, Some(total));
}

/// Stars on all own repositories; those beyond the pages that are read count as last known.
fn total_stars(progress: &Progress) -> u64 {
    let seen = progress.seen.posts.iter().filter_map(|post| post.counts.get(Metric::Likes));
    let mut total: u64 = seen.sum();
    if !progress.seen.complete {
        total += progress.unseen().iter().filter_map(|(_, item)| item.counts.get(Metric::Likes)).sum::<u64>();
    }
    total
}
