//! The first of some people beside each of the others: differences per network that add up.

use super::{change, moved, points, range, spoken};
use crate::app::App;
use crate::model::{Network, PersonSnapshot};
use crate::text;

pub(super) fn compare(app: &App, people: &[&PersonSnapshot]) -> Vec<String> {
    let mut said: Vec<String> = people.iter().map(|person| one(app, person)).collect();
    if let Some((first, others)) = people.split_first() {
        for other in others {
            said.extend(pair(app, first, other));
        }
    }
    said
}

fn one(app: &App, person: &PersonSnapshot) -> String {
    let name = spoken(&person.symbol);
    let Some(score) = person.score else { return format!("{name} not read yet.") };
    let moved = change(app, person).map(|points| format!(", {} in {}", moved(points), range(app.range)));
    let volume = person.change(app.range).map_or(0, |change| change.volume);
    let (live, all) = (person.live(), person.channels.len());
    format!(
        "{name} {}{}; {volume} events; {live} of {all} channels readable.",
        text::score(score),
        moved.unwrap_or_default()
    )
}

/// `You against Ada: behind by 12.68.` and a line per network.
fn pair(app: &App, a: &PersonSnapshot, b: &PersonSnapshot) -> Vec<String> {
    let (first, second) = (spoken(&a.symbol), spoken(&b.symbol));
    let (Some(mine), Some(theirs)) = (a.score, b.score) else {
        return vec![format!("{first} and {second} cannot be compared yet.")];
    };
    let total = text::change(theirs, mine);
    let mut said = vec![format!("{first} against {second}: {}.", apart(total))];
    let difference = |network: &Network| {
        points_on(a, *network).unwrap_or_default() - points_on(b, *network).unwrap_or_default()
    };
    let mut networks = networks(&[a, b]);
    networks.sort_by(|x, y| difference(y).total_cmp(&difference(x)));
    for network in networks {
        let has = |name: &str, person| match points_on(person, network) {
            Some(points) => format!("{name} {}", text::score(points)),
            None => format!("{name} is not there"),
        };
        let (mine, theirs, apart) = (has(&first, a), has(&second, b), apart(difference(&network)));
        said.push(format!("{}: {mine}, {theirs}, {apart}.", network.name()));
    }
    if let (Some(a), Some(b)) = (change(app, a), change(app, b)) {
        said.push(format!("Gained in {}: {first} {}, {second} {}.", range(app.range), moved(a), moved(b)));
    }
    said
}

fn apart(points: f64) -> String {
    match text::arrow(points) {
        "▲" => format!("ahead by {}", text::score(points)),
        "▼" => format!("behind by {}", text::score(-points)),
        _ => "level".to_owned(),
    }
}

fn networks(people: &[&PersonSnapshot]) -> Vec<Network> {
    let mut networks: Vec<Network> = people
        .iter()
        .flat_map(|person| &person.channels)
        .map(crate::model::ChannelSnapshot::network)
        .collect();
    networks.sort_by_key(|network| network.id());
    networks.dedup();
    networks
}

/// What somebody's accounts on a network are worth, as shown.
fn points_on(person: &PersonSnapshot, network: Network) -> Option<f64> {
    let on = person.channels.iter().zip(points(person)).filter(|(known, _)| known.network() == network);
    on.map(|(_, points)| points).reduce(|sum, points| sum + points)
}
