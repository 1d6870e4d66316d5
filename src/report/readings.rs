use super::stamp;
use crate::channels;
use crate::model::{ByHand, ChannelSnapshot, Metric};
use crate::text;
use serde::Serialize;

#[derive(Serialize)]
pub struct Readings {
    schema: &'static str,
    symbol: String,
    id: String,
    account: String,
    readings: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    at: String,
    followers: Option<u64>,
    likes: Option<u64>,
    replies: Option<u64>,
    reshares: Option<u64>,
    quotes: Option<u64>,
    views: Option<u64>,
}

/// `cloutop/readings/1`.
pub fn readings(symbol: &str, channel: &ChannelSnapshot, readings: &[ByHand]) -> Readings {
    let line = |reading: &ByHand| Line {
        at: stamp(reading.at),
        followers: reading.followers,
        likes: reading.counts.get(Metric::Likes),
        replies: reading.counts.get(Metric::Replies),
        reshares: reading.counts.get(Metric::Reshares),
        quotes: reading.counts.get(Metric::Quotes),
        views: reading.counts.get(Metric::Views),
    };
    Readings {
        schema: "cloutop/readings/1",
        symbol: symbol.to_owned(),
        id: channel.slot.clone(),
        account: channel.account.handle.clone(),
        readings: readings.iter().map(line).collect(),
    }
}

pub fn readings_text(symbol: &str, channel: &ChannelSnapshot, readings: &[ByHand]) -> String {
    let name = &channel.account.handle;
    let mut out = format!("{symbol}/{name}  {}\n", channels::by_hand_name(name));
    if readings.is_empty() {
        out.push_str(&format!(
            "no readings yet; type one in with: cloutop reading {symbol}/{name} followers=512\n"
        ));
    }
    for reading in readings {
        let sums = [
            ("likes", Metric::Likes),
            ("replies", Metric::Replies),
            ("reshares", Metric::Reshares),
            ("quotes", Metric::Quotes),
            ("views", Metric::Views),
        ];
        let sums = sums.into_iter().filter_map(|(name, metric)| Some((name, reading.counts.get(metric)?)));
        let followers = reading.followers.map(|count| ("followers", count));
        let numbers: Vec<String> = followers
            .into_iter()
            .chain(sums)
            .map(|(name, count)| format!("{name} {}", text::grouped(count)))
            .collect();
        out.push_str(&format!("{}  {}\n", stamp(reading.at), numbers.join("  ")));
    }
    out
}
