use super::{Constants, DAY_MILLIS, gbar};
use crate::model::Time;
use std::collections::HashMap;
use std::f64::consts::LN_2;

/// Body and buzz of one channel, kept up as its counters grow instead of summed anew.
///
/// With a fixed instant `ref`, `2^-((t-t_p)/h) = 2^((t_p-ref)/h) 2^-((t-ref)/h)`: the first factor belongs to
/// the row, the second to the clock. So a day's bundle is three sums (X, and Y for both half-lives), the
/// channel two (E = sum gbar(X) Y), a grown counter changes one bundle and both sums, and reading the
/// energies at an instant costs two exponentials, however long the history is.
///
/// Sums are kept in twice the precision of a double, and moved to a newer `ref` by whole half-lives, which
/// is exact. So the doubles that are read do not depend on the order in which rows came, nor on whether the
/// program was restarted in between.
#[derive(Debug, Clone)]
pub struct Engine {
    scales: [Scale; 2],
    days: HashMap<i64, Bundle>,
    /// E for both half-lives.
    sums: [Twofold; 2],
    /// The newest row.
    latest: i64,
}

/// One UTC day.
#[derive(Debug, Clone, Copy, Default)]
struct Bundle {
    /// X
    x: Twofold,
    /// Y for both half-lives.
    y: [Twofold; 2],
}

impl Bundle {
    /// gbar(X) Y
    fn worth(&self, place: usize) -> Twofold {
        self.y[place].times(gbar(self.x.get()))
    }
}

/// One half-life, and the instant relative to which its sums are kept.
#[derive(Debug, Clone, Copy)]
struct Scale {
    half_life: f64,
    /// `ref`, in half-lives since 1970; `None` before the first row.
    anchor: Option<i32>,
}

/// Sums are moved before 2^(half-lives) could leave the range of a double (at 1,023).
const REACH: i32 = 200;

impl Scale {
    fn new(half_life: f64) -> Self {
        Self { half_life, anchor: None }
    }

    /// An instant as whole half-lives since 1970 and the part of one that is left.
    fn split(&self, at: i64) -> (i32, f64) {
        let length = self.half_life * DAY_MILLIS as f64;
        // A remainder is exact, the part of a long quotient is not.
        let part = (at as f64).rem_euclid(length);
        #[expect(clippy::cast_possible_truncation, reason = "years are thousands of half-lives")]
        let whole = ((at as f64 - part) / length).round() as i32;
        (whole, part / length)
    }
}

/// `2^exponent`, exactly; 0 where that is too small to be told from it.
fn power(exponent: i32) -> f64 {
    f64::from(exponent).exp2()
}

impl Engine {
    pub fn new(constants: &Constants) -> Self {
        Self {
            scales: [constants.body_days, constants.buzz_days].map(Scale::new),
            days: HashMap::new(),
            sums: [Twofold::default(); 2],
            latest: i64::MIN,
        }
    }

    /// The engagement of a row at `at` changed from `before` to `after`.
    pub fn put(&mut self, at: i64, before: f64, after: f64) {
        self.latest = self.latest.max(at);
        let day = at.div_euclid(DAY_MILLIS);
        let mut factors = [0.0; 2];
        for (place, factor) in factors.iter_mut().enumerate() {
            let (whole, part) = self.scales[place].split(at);
            let anchor = *self.scales[place].anchor.get_or_insert(whole);
            let anchor = if whole - anchor > REACH { self.move_anchor(place, anchor, whole) } else { anchor };
            *factor = part.exp2() * power(whole - anchor);
        }
        let bundle = self.days.entry(day).or_default();
        let old = *bundle;
        bundle.x = bundle.x.plus(after).plus(-before);
        for (y, factor) in bundle.y.iter_mut().zip(factors) {
            *y = y.add(Twofold::product(after, factor)).add(Twofold::product(-before, factor));
        }
        for (place, sum) in self.sums.iter_mut().enumerate() {
            *sum = sum.add(bundle.worth(place)).add(old.worth(place).times(-1.0));
        }
    }

    /// Body and buzz at an instant that is not before the newest row; `None` at an earlier one, for which
    /// the rows must be asked.
    pub fn read(&self, at: Time) -> Option<[f64; 2]> {
        let at = at.timestamp_millis();
        let read = |place: usize| {
            let scale = &self.scales[place];
            let (whole, part) = scale.split(at);
            let left = scale.anchor.map_or(0.0, |anchor| (-part).exp2() * power(anchor - whole));
            LN_2 / scale.half_life * (self.sums[place].get() * left)
        };
        (at >= self.latest).then(|| [read(0), read(1)])
    }

    /// Body and buzz at an instant as they would be with so much more engagement on existing rows.
    pub fn read_with(&mut self, at: Time, more: &[(i64, f64)]) -> Option<[f64; 2]> {
        let sums = self.sums;
        let mut bundles = Vec::new();
        for &(row, x) in more {
            let day = row.div_euclid(DAY_MILLIS);
            bundles.push((day, self.days.get(&day).copied().unwrap_or_default()));
            self.put(row, 0.0, x);
        }
        let read = self.read(at);
        // Taken back by what was there: to the digit.
        for (day, bundle) in bundles.into_iter().rev() {
            self.days.insert(day, bundle);
        }
        self.sums = sums;
        read
    }

    fn move_anchor(&mut self, place: usize, from: i32, to: i32) -> i32 {
        let factor = power(from - to);
        for bundle in self.days.values_mut() {
            bundle.y[place] = bundle.y[place].times(factor);
        }
        self.sums[place] = self.sums[place].times(factor);
        self.scales[place].anchor = Some(to);
        to
    }
}

/// A number as the unevaluated sum of two doubles (Dekker 1971, Knuth's two-sum): about 32 digits.
#[derive(Debug, Clone, Copy, Default)]
struct Twofold(f64, f64);

impl Twofold {
    fn product(a: f64, b: f64) -> Self {
        let product = a * b;
        Self(product, a.mul_add(b, -product))
    }

    fn get(self) -> f64 {
        self.0
    }

    fn plus(self, other: f64) -> Self {
        self.add(Self(other, 0.0))
    }

    fn add(self, other: Self) -> Self {
        let sum = two_sum(self.0, other.0);
        let low = two_sum(self.1, other.1);
        let high = quick_sum(sum.0, sum.1 + low.0);
        quick_sum(high.0, high.1 + low.1)
    }

    fn times(self, factor: f64) -> Self {
        let product = Self::product(self.0, factor);
        quick_sum(product.0, self.1.mul_add(factor, product.1))
    }
}

fn two_sum(a: f64, b: f64) -> Twofold {
    let sum = a + b;
    let other = sum - a;
    Twofold(sum, (a - (sum - other)) + (b - other))
}

/// For a that is at least as large as b.
fn quick_sum(a: f64, b: f64) -> Twofold {
    let sum = a + b;
    Twofold(sum, b - (sum - a))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time;
    use crate::score::{Evidence, Weighed};
    use proptest::prelude::*;

    /// Relative difference between the engine and the plain sum over all rows.
    fn off(engine: &Engine, rows: &[Weighed], at: Time, constants: &Constants) -> f64 {
        let mut rows = rows.to_vec();
        rows.sort_by_key(|row| row.at);
        let plain = Evidence { rows: &rows, ..Evidence::default() }.energy(at, constants);
        let [body, buzz] = engine.read(at).unwrap();
        let off = |a: f64, b: f64| if b == 0.0 { a.abs() } else { (a / b - 1.0).abs() };
        off(body, plain.body).max(off(buzz, plain.buzz))
    }

    #[test]
    fn thousands_of_updates_over_years_stay_with_the_plain_sum() {
        let constants = Constants::reference();
        let mut engine = Engine::new(&constants);
        let mut rows: Vec<Weighed> = Vec::new();
        let (mut now, mut worst, mut seed) = (20_000 * DAY_MILLIS, 0.0f64, 7u64);
        for step in 0..6_000u32 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Four years in all; growth is dated up to three days back, first sightings much longer.
            now += i64::try_from((seed >> 33) % 42_000_000).unwrap();
            let back = if seed % 50 == 0 { 900 } else { 3 };
            let at = now
                - i64::try_from((seed >> 20) % 86_400_000).unwrap()
                    * (back * i64::try_from(seed % 7).unwrap() / 6);
            let x = ((seed >> 40) % 1_000) as f64 / 100.0;
            rows.push(Weighed { at, item: step, x });
            engine.put(at, 0.0, x);
            if step % 100 == 0 {
                worst = worst.max(off(&engine, &rows, time(now), &constants));
            }
        }
        let mut again = Engine::new(&constants);
        rows.sort_by_key(|row| row.at);
        for row in &rows {
            again.put(row.at, 0.0, row.x);
        }
        assert_eq!(engine.read(time(now)), again.read(time(now)), "the order of updates changes no digit");
        println!("incremental engine after 6,000 updates over four years: worst relative error {worst:.1e}");
        assert!(worst < 1e-12, "{worst}");
        assert!(engine.read(time(rows[0].at)).is_none(), "the past is not answered from the sums");
    }

    proptest! {
        #[test]
        fn any_order_of_updates_gives_the_plain_sum(
            updates in prop::collection::vec((0i64..500 * DAY_MILLIS, 0.0f64..80.0), 1..60),
            later in 0i64..400 * DAY_MILLIS,
        ) {
            let constants = Constants::reference();
            let mut engine = Engine::new(&constants);
            let rows: Vec<Weighed> =
                updates.iter().zip(0..).map(|(&(at, x), item)| Weighed { at, item, x }).collect();
            for row in &rows {
                engine.put(row.at, 0.0, row.x);
            }
            let newest = rows.iter().map(|row| row.at).max().unwrap_or(0);
            prop_assert!(off(&engine, &rows, time(newest + later), &constants) < 1e-12);
        }
    }
}
