use std::fmt;

/// An amount of US dollars, in millionths: prices of a tenth of a cent stay whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Money(pub u64);

impl Money {
    pub const ZERO: Self = Self(0);

    /// No budget is larger than this.
    const MOST: f64 = 1e6;

    /// An amount as people write it, to the millionth; nothing below zero and nothing beyond reason.
    pub fn from_dollars(dollars: f64) -> Option<Self> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
        (0.0..=Self::MOST).contains(&dollars).then(|| Self((dollars * 1e6).round() as u64))
    }

    pub fn dollars(self) -> f64 {
        self.0 as f64 / 1e6
    }

    #[must_use]
    pub fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count))
    }

    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// `$5.00`, and as many further digits as there are.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 1_000_000, self.0 % 1_000_000);
        let digits = format!("{part:06}");
        let end = digits.trim_end_matches('0').len().max(2);
        write!(f, "${whole}.{}", digits.get(..end).unwrap_or(&digits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_to_the_cent_at_least() {
        for (micros, words) in [
            (0, "$0.00"),
            (5_000_000, "$5.00"),
            (110_000, "$0.11"),
            (5_000, "$0.005"),
            (12_345_678, "$12.345678"),
        ] {
            assert_eq!(Money(micros).to_string(), words);
        }
    }

    #[test]
    fn amounts_are_read_to_the_millionth() {
        for (dollars, micros) in
            [(5.0, Some(5_000_000)), (0.1, Some(100_000)), (0.0, Some(0)), (2.675, Some(2_675_000))]
        {
            assert_eq!(Money::from_dollars(dollars), micros.map(Money));
        }
        for dollars in [-0.01, f64::NAN, f64::INFINITY, 1e7] {
            assert_eq!(Money::from_dollars(dollars), None);
        }
    }
}
