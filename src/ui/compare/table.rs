//! The people as columns, their numbers as rows: the networks' rows add up to the scores, and so do the differences.

use super::{MARKERS, Row, Theme, Token, Width, lane, points_on, words};
use crate::app::{App, Target};
use crate::model::{ChannelSnapshot, Network, PersonSnapshot};
use crate::text;
use crate::ui::canvas::Canvas;
use crate::ui::panel::{take, take_bottom};
use crate::ui::spark;
use ratatui::layout::Rect;

pub(super) struct Table<'p, 's> {
    pub(super) people: &'p [&'s PersonSnapshot],
    /// The second one of the pair whose difference is told.
    pub(super) other: usize,
    /// The network whose row is selected.
    pub(super) selected: usize,
}

/// One row before it is drawn.
struct Line {
    name: String,
    /// Words, and how long a bar goes with them.
    cells: Vec<(String, f64)>,
    /// Who is highest.
    best: String,
    difference: String,
    points: f64,
}

/// Widths of a table.
struct Widths {
    label: usize,
    cell: usize,
    best: usize,
    difference: usize,
}

pub(super) fn draw(app: &App, theme: &Theme, what: &Table<'_, '_>, mut area: Rect, buffer: &mut Canvas<'_>) {
    let wide = app.layout().width >= Width::Wide;
    let people = what.people;
    let (a, b) = (people[0], people[what.other]);
    // Where four do not fit, the pair stands beside its difference.
    let pair = [a, b];
    let shown: &[&PersonSnapshot] = if wide { people } else { &pair };
    let roomy = area.width >= 60;
    let mut widths = Widths {
        label: if roomy { 12 } else { 7 },
        cell: 0,
        best: if wide { 7 } else { 0 },
        difference: if roomy { 12 } else { 10 },
    };
    let fixed = widths.label + widths.best + widths.difference + 2;
    widths.cell = (usize::from(area.width).saturating_sub(fixed) / shown.len()).min(22);
    let marker = |person: &PersonSnapshot| {
        people.iter().position(|known| known.id == person.id).map_or(" ", |place| MARKERS[place % 4])
    };
    let names = Line {
        name: String::new(),
        cells: shown.iter().map(|person| (format!("{} {}", marker(person), person.symbol), 0.0)).collect(),
        best: "BEST".to_owned(),
        difference: format!("{} − {}", a.symbol, b.symbol),
        points: 0.0,
    };
    let networks = app.compared_networks();
    let mut top = vec![names, score(shown, a, b), moved(app, shown, a, b)];
    // What adds up stays together: the rest gives way where rows are few.
    if app.layout().boxed() || usize::from(area.height) > networks.len() + top.len() {
        top.push(volume(app, shown, a, b));
    }
    let bumps = bumps(app, shown, a, b);
    let coverage = coverage(shown);
    // Short panes keep the sums; the rest comes last.
    let last = if app.layout().boxed() {
        top.push(bumps);
        vec![coverage]
    } else {
        vec![coverage, bumps]
    };
    for line in top {
        draw_line(theme, &line, &widths, None, take(&mut area, 1), buffer);
    }
    // The networks have what is left; the selected one stays in sight.
    let spare = usize::from(area.height).saturating_sub(networks.len());
    let last: Vec<Line> = last.into_iter().take(spare).collect();
    let mut below = take_bottom(&mut area, u16::try_from(last.len()).unwrap_or(0));
    let room = usize::from(area.height);
    let first = (what.selected + 1).saturating_sub(room);
    let largest = networks
        .iter()
        .flat_map(|network| shown.iter().filter_map(move |person| points_on(person, *network)))
        .fold(0.0, f64::max);
    for (place, found) in networks.iter().enumerate().skip(first).take(room) {
        let line = network(*found, shown, (a, b), largest);
        let row = take(&mut area, 1);
        buffer.spot(row, Target::Row(place));
        draw_line(theme, &line, &widths, Some(place == what.selected), row, buffer);
    }
    if area.height > 0 {
        // The last rows follow the networks, not the foot of the pane.
        below = Rect { y: area.y, ..below };
    }
    for (y, line) in last.into_iter().enumerate() {
        let y = below.y + u16::try_from(y).unwrap_or(0);
        draw_line(theme, &line, &widths, None, Rect { y, height: 1, ..below }, buffer);
    }
}

/// Draws a line. `selected` is of those that can be selected.
fn draw_line(
    theme: &Theme,
    line: &Line,
    widths: &Widths,
    selected: Option<bool>,
    area: Rect,
    buffer: &mut Canvas<'_>,
) {
    let (plain, muted) = (theme.style(Token::Plain), theme.style(Token::Muted));
    let pointer = if selected == Some(true) { "▸" } else { " " };
    let mut row = Row::new().text(pointer, plain).left(&line.name, widths.label, muted);
    for (words, part) in &line.cells {
        let bar = widths.cell.saturating_sub(8).min(10);
        let bars = if *part > 0.0 { spark::blocks(*part, bar, "█") } else { String::new() };
        row = row.left(&format!("{words:<7}{bars}"), widths.cell, plain);
    }
    if widths.best > 0 {
        row = row.gap(1).left(&line.best, widths.best - 1, muted);
    }
    let row = row.right(&line.difference, widths.difference, theme.change(line.points));
    if selected == Some(true) {
        row.draw_selected(theme, area, 0, buffer);
    } else {
        row.draw(area, 0, buffer);
    }
}

/// Who has most of something; nobody where all have the same.
fn best(people: &[&PersonSnapshot], value: impl Fn(&PersonSnapshot) -> Option<f64>) -> String {
    let known: Vec<(f64, &str)> =
        people.iter().filter_map(|person| Some((value(person)?, person.symbol.as_str()))).collect();
    let most = known.iter().map(|(value, _)| *value).fold(f64::NEG_INFINITY, f64::max);
    let mut leaders = known.iter().filter(|(value, _)| *value == most);
    match (leaders.next(), leaders.next()) {
        (Some((_, symbol)), None) => (*symbol).to_owned(),
        _ => "—".to_owned(),
    }
}

fn score(shown: &[&PersonSnapshot], a: &PersonSnapshot, b: &PersonSnapshot) -> Line {
    let star =
        |person: &PersonSnapshot| if person.channels.iter().any(ChannelSnapshot::held) { "*" } else { "" };
    let words = |person: &&PersonSnapshot| {
        let score = person.score.map(|score| format!("{}{}", text::score(score), star(person)));
        (score.unwrap_or_else(|| "—".to_owned()), 0.0)
    };
    let total = text::change(b.score.unwrap_or(0.0), a.score.unwrap_or(0.0));
    Line {
        name: "score".to_owned(),
        cells: shown.iter().map(words).collect(),
        best: best(shown, |person| person.score.map(text::cents)),
        difference: text::signed(total),
        points: total,
    }
}

fn moved(app: &App, shown: &[&PersonSnapshot], a: &PersonSnapshot, b: &PersonSnapshot) -> Line {
    let gained =
        |person: &PersonSnapshot| person.change(app.range).map(|change| words::shown(person, change));
    let words = |person: &&PersonSnapshot| {
        let words = gained(person).map(|points| format!("{} {}", text::signed(points), text::arrow(points)));
        (words.unwrap_or_else(|| "—".to_owned()), 0.0)
    };
    let between = gained(a).unwrap_or(0.0) - gained(b).unwrap_or(0.0);
    Line {
        name: format!("Δ {}", app.range.word()),
        cells: shown.iter().map(words).collect(),
        best: best(shown, |person| gained(person).map(text::cents)),
        difference: text::signed(between),
        points: between,
    }
}

fn volume(app: &App, shown: &[&PersonSnapshot], a: &PersonSnapshot, b: &PersonSnapshot) -> Line {
    let volume = |person: &PersonSnapshot| person.change(app.range).map_or(0, |change| change.volume);
    let apart = volume(a).cast_signed() - volume(b).cast_signed();
    Line {
        name: "volume".to_owned(),
        cells: shown.iter().map(|person| (words::grouped(app, volume(person)), 0.0)).collect(),
        best: best(shown, |person| Some(volume(person) as f64)),
        difference: format!("{apart:+}"),
        points: 0.0,
    }
}

fn bumps(app: &App, shown: &[&PersonSnapshot], a: &PersonSnapshot, b: &PersonSnapshot) -> Line {
    let at_once = lane::at_once(app, a.id, b.id);
    Line {
        name: "bumps".to_owned(),
        cells: shown.iter().map(|person| (lane::count(app, person.id), 0.0)).collect(),
        best: String::new(),
        difference: if at_once > 0 { format!("{at_once} at once") } else { String::new() },
        points: 0.0,
    }
}

fn coverage(shown: &[&PersonSnapshot]) -> Line {
    let cells =
        shown.iter().map(|person| (format!("{} of {}", person.live(), person.channels.len()), 0.0)).collect();
    Line { name: "coverage".to_owned(), cells, best: String::new(), difference: String::new(), points: 0.0 }
}

fn network(
    network: Network,
    shown: &[&PersonSnapshot],
    (a, b): (&PersonSnapshot, &PersonSnapshot),
    largest: f64,
) -> Line {
    let held = |person: &PersonSnapshot| {
        person.channels.iter().any(|channel| channel.network() == network && channel.held())
    };
    let words = |person: &&PersonSnapshot| match points_on(person, network) {
        Some(points) if held(person) => (format!("{} held", text::score(points)), 0.0),
        Some(points) => (text::score(points), if largest > 0.0 { points / largest } else { 0.0 }),
        None => ("—".to_owned(), 0.0),
    };
    let points = |person| points_on(person, network).unwrap_or(0.0);
    let apart = points(a) - points(b);
    Line {
        name: network.code().to_owned(),
        cells: shown.iter().map(words).collect(),
        best: best(shown, |person| points_on(person, network)),
        difference: text::signed(apart),
        points: apart,
    }
}
