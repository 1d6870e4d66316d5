use super::stamp;
use crate::model::{Mark, Time};
use crate::pipeline::{Course, Effect};
use crate::score;
use crate::score::{Explained, ExplainedLine};
use crate::text;
use serde::Serialize;

/// `cloutop/statement/1`
#[derive(Serialize)]
pub struct Statement {
    schema: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    symbol: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    from: String,
    to: String,
    open: f64,
    close: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    uncertainty: Option<f64>,
    lines: Vec<StatementLine>,
}

#[derive(Serialize)]
struct StatementLine {
    cause: &'static str,
    channel: Option<String>,
    item: Option<String>,
    points: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// The statement of two ledgers, items by `name`.
pub fn statement(found: &score::Statement, name: &dyn Fn(u32) -> String, from: Time, to: Time) -> Statement {
    let lines = found.lines.iter().map(|line| StatementLine {
        cause: line.cause.word(),
        channel: Some(line.channel.clone()),
        item: line.item.map(name),
        points: line.points,
        text: None,
    });
    Statement {
        schema: "cloutop/statement/1",
        symbol: None,
        model: None,
        from: stamp(from),
        to: stamp(to),
        open: found.open,
        close: found.close,
        uncertainty: None,
        lines: lines.collect(),
    }
}

/// The statement with three decimals that add up as they stand.
pub fn statement_text(statement: &Statement) -> String {
    let mills = |points: f64| (points * 1_000.0).round() / 1_000.0;
    let parts: Vec<f64> = statement.lines.iter().map(|line| line.points).collect();
    let shown = text::adding_up(&parts, mills(statement.close) - mills(statement.open), 3);
    let mut out = format!("{:<40} {:>9.3}\n", format!("open   {}", statement.from), statement.open);
    for (line, points) in statement.lines.iter().zip(shown) {
        let mut what = line.cause.to_owned();
        for part in [&line.channel, &line.item].into_iter().flatten() {
            what.push_str(&format!(" {part}"));
        }
        out.push_str(&format!("  {} {points:>+9.3}\n", text::fit(&text::clean(&what), 38)));
    }
    out.push_str(&format!("{:<40} {:>9.3}\n", format!("close  {}", statement.to), statement.close));
    out
}

fn line(line: &ExplainedLine) -> StatementLine {
    StatementLine {
        cause: line.cause.word(),
        channel: (!line.slot.is_empty()).then(|| line.slot.clone()),
        item: line.item.as_ref().map(|item| item.0.clone()),
        points: line.points,
        text: Some(line.what.clone()),
    }
}

/// The statement of a person or of one channel.
pub fn explained(symbol: &str, model: &str, found: &Explained) -> Statement {
    Statement {
        schema: "cloutop/statement/1",
        symbol: Some(symbol.to_owned()),
        model: Some(model.to_owned()),
        from: stamp(found.from),
        to: stamp(found.to),
        open: found.open,
        close: found.close,
        uncertainty: found.channel.is_none().then_some(found.uncertainty),
        lines: found.lines.iter().map(line).collect(),
    }
}

/// Lines with their points as shown: their two decimals add up to what is said of them, with how many are left
/// over after `most` of them, and their points.
pub(super) fn shown(
    lines: &[ExplainedLine],
    total: f64,
    most: usize,
) -> (Vec<(&ExplainedLine, f64)>, (usize, f64)) {
    let parts: Vec<f64> = lines.iter().map(|line| line.points).collect();
    let mut kept = Vec::new();
    let mut rest = (0, 0.0);
    for (place, (line, points)) in lines.iter().zip(text::adding_up(&parts, total, 2)).enumerate() {
        if place >= most || points == 0.0 {
            rest = (rest.0 + 1, rest.1 + points);
        } else {
            kept.push((line, points));
        }
    }
    (kept, rest)
}

/// The same as rows of a table; what is left over is one line more.
fn shown_lines(lines: &[ExplainedLine], total: f64, most: usize) -> String {
    let (kept, rest) = shown(lines, total, most);
    let mut out = String::new();
    for (line, points) in kept {
        let code = line.network.map_or("", |network| network.0.code);
        let what = text::fit(&line.what, 56);
        out.push_str(&format!("  {code:<5}{what} {:>7}\n", text::signed(points)));
    }
    if rest.0 > 0 {
        let what = format!("{} smaller {}", rest.0, if rest.0 == 1 { "line" } else { "lines" });
        out.push_str(&format!("  {:<5}{} {:>7}\n", "", text::fit(&what, 56), text::signed(rest.1)));
    }
    out
}

pub fn explained_text(symbol: &str, found: &Explained, most: usize) -> String {
    let change = text::change(found.open, found.close);
    let mut out =
        format!("{symbol}\n{:<64}{:>6}\n", format!("open   {}", stamp(found.from)), text::score(found.open));
    out.push_str(&shown_lines(&found.lines, change, most));
    out.push_str(&format!("{:<64}{:>6}\n", format!("close  {}", stamp(found.to)), text::score(found.close)));
    out.push_str(&format!("= {} points, every one of them in a line\n", text::signed(change)));
    if found.channel.is_none() && found.uncertainty >= 0.005 {
        let band = text::score(found.uncertainty);
        out.push_str(&format!(
            "±{band}: a part of the score stands on what is assumed of the time before the first reading\n"
        ));
    }
    if found.backfilled {
        out.push_str("before the first reading: computed from what it found\n");
    }
    out
}

#[derive(Serialize)]
pub struct Marks {
    schema: &'static str,
    /// Null for everybody's.
    symbol: Option<String>,
    marks: Vec<MarkLine>,
}

#[derive(Serialize)]
struct MarkLine {
    id: i64,
    symbol: String,
    at: String,
    text: String,
}

fn mark_line(symbol: &str, mark: &Mark) -> MarkLine {
    MarkLine { id: mark.id, symbol: symbol.to_owned(), at: stamp(mark.at), text: mark.text.clone() }
}

/// `cloutop/marks/1`, each mark with whom it is about.
pub fn marks(symbol: Option<&str>, marks: &[(String, Mark)]) -> Marks {
    let marks = marks.iter().map(|(symbol, mark)| mark_line(symbol, mark)).collect();
    Marks { schema: "cloutop/marks/1", symbol: symbol.map(str::to_owned), marks }
}

pub fn marks_text(marks: &[(String, Mark)], named: bool) -> String {
    if marks.is_empty() {
        return "no marks yet; set one with: cloutop mark SYM \"what happened\"\n".to_owned();
    }
    let line = |(symbol, mark): &(String, Mark)| {
        let who = if named { format!("{}  ", text::fit(symbol, 5)) } else { String::new() };
        format!("{:>4}  {who}{}  {}\n", mark.id, stamp(mark.at), mark.text)
    };
    marks.iter().map(line).collect()
}

#[derive(Serialize)]
pub struct EffectReport {
    schema: &'static str,
    symbol: String,
    mark: MarkLine,
    until: String,
    open: f64,
    close: f64,
    forecast: f64,
    peak: f64,
    peak_at: String,
    /// Days after the mark.
    peak_day: f64,
    /// Points times days.
    area: f64,
    faded_at: Option<String>,
    fades_at: Option<String>,
    usual: Option<Usual>,
    lines: Vec<StatementLine>,
}

#[derive(Serialize)]
struct Usual {
    peak: f64,
    area: f64,
}

fn day(course: &Course, mark: &Mark) -> f64 {
    (course.peak_at - mark.at).num_milliseconds() as f64 / score::DAY_MILLIS as f64
}

/// `cloutop/effect/1`
pub fn effect(symbol: &str, mark: &Mark, found: &Effect) -> EffectReport {
    let course = &found.course;
    EffectReport {
        schema: "cloutop/effect/1",
        symbol: symbol.to_owned(),
        mark: mark_line(symbol, mark),
        until: stamp(found.until),
        open: found.open,
        close: found.close,
        forecast: found.forecast,
        peak: course.peak,
        peak_at: stamp(course.peak_at),
        peak_day: day(course, mark),
        area: course.area,
        faded_at: course.faded_at.map(stamp),
        fades_at: found.fades_at.map(stamp),
        usual: found.usual.map(|usual| Usual { peak: usual.peak, area: usual.area }),
        lines: found.lines.iter().map(line).collect(),
    }
}

pub fn effect_text(symbol: &str, mark: &Mark, found: &Effect, most: usize) -> String {
    let course = &found.course;
    let mut out = format!("{symbol}  {}  {}\n", stamp(mark.at), mark.text);
    let mut row = |name: &str, value: String| out.push_str(&format!("  {name:<14}{value}\n"));
    row("score", format!("{} then, {} now", text::score(found.open), text::score(found.close)));
    row("without news", format!("{} now, as forecast then", text::score(found.forecast)));
    row("peak", format!("{} on day {:.1}", text::signed(course.peak), day(course, mark)));
    row("area", format!("{} point-days", text::score(text::cents(course.area) + 0.0)));
    row(
        "faded",
        match (course.faded_at, found.fades_at) {
            (Some(at), _) => format!("nine tenths by {}", stamp(at)),
            (None, Some(at)) => format!("not yet; nine tenths by {} if nothing else comes", stamp(at)),
            (None, None) if course.peak < 0.005 => "there is nothing to fade".to_owned(),
            (None, None) => "not yet".to_owned(),
        },
    );
    if let Some(usual) = &found.usual {
        let area = text::score(text::cents(usual.area) + 0.0);
        let usual = format!("peak {}, {area} point-days", text::signed(usual.peak));
        row("usual", format!("{usual} in as long a time before"));
    }
    if !found.lines.is_empty() {
        out.push_str("what carried the peak\n");
        out.push_str(&shown_lines(&found.lines, text::cents(course.peak), most));
    }
    out
}
