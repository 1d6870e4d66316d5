use crate::config::Breaks;

/// Width class of the screen: less room means fewer columns, never an error message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Width {
    /// 8 to 19 columns, or fewer.
    Tiny,
    /// 20 to 39.
    Slim,
    /// 40 to 59.
    Narrow,
    /// 60 to 79.
    Medium,
    /// 80 to 109.
    Usual,
    /// 110 and more.
    Wide,
}

/// Height class of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Height {
    /// One or two rows: everything in a line.
    Line,
    /// 3 to 5: rows only.
    Rows,
    /// 6 to 11: rows, one event, hints.
    Short,
    /// 12 to 23: the board, one line of why, hints.
    Middle,
    /// 24 to 33: the board and a short chart.
    Usual,
    /// 34 and more: everything.
    Tall,
}

/// What fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    pub columns: u16,
    pub rows: u16,
    pub width: Width,
    pub height: Height,
}

/// Widths of the board's columns that depend on the room there is; 0 leaves a column out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Columns {
    pub name: usize,
    pub trend: usize,
    pub driver: usize,
}

impl Layout {
    pub fn of((columns, rows): (u16, u16), breaks: &Breaks) -> Self {
        const WIDTHS: [Width; 6] =
            [Width::Tiny, Width::Slim, Width::Narrow, Width::Medium, Width::Usual, Width::Wide];
        const HEIGHTS: [Height; 6] =
            [Height::Line, Height::Rows, Height::Short, Height::Middle, Height::Usual, Height::Tall];
        let class = |size: u16, least: &[u16; 5]| least.iter().filter(|least| size >= **least).count();
        let (width, height) = (class(columns, &breaks.columns), class(rows, &breaks.rows));
        Self { columns, rows, width: WIDTHS[width], height: HEIGHTS[height] }
    }

    /// Higher than half its width: what stands beside something else stands below it.
    pub fn portrait(&self) -> bool {
        self.rows > self.columns / 2
    }

    /// Whether panels have frames around them.
    pub fn boxed(&self) -> bool {
        self.width >= Width::Medium && self.height >= Height::Middle
    }

    /// Whether the board has a chart of the selected person below it.
    pub fn board_chart(&self) -> bool {
        self.boxed() && self.height >= Height::Usual
    }

    /// Whether movers and ticks stand beside the chart.
    pub fn board_side(&self) -> bool {
        self.width == Width::Wide && self.height == Height::Tall && !self.portrait()
    }

    /// Whether movers and ticks stand below the chart.
    pub fn board_below(&self) -> bool {
        self.boxed() && self.height == Height::Tall && self.portrait()
    }

    /// Columns of the box beside a person's chart that says what the score is made of; 0 when it is below.
    pub fn person_side(&self) -> usize {
        if self.width == Width::Wide && self.height == Height::Tall && !self.portrait() { 34 } else { 0 }
    }

    /// Whether that box stands below the chart.
    pub fn person_below(&self) -> bool {
        self.boxed() && self.height == Height::Tall && self.portrait()
    }

    /// Whether a channel's ticks stand beside what it earns.
    pub fn channel_side(&self) -> bool {
        self.width == Width::Wide && self.height >= Height::Usual && !self.portrait()
    }

    /// Columns of a chart of the whole width, without its axis.
    pub fn chart_columns(&self) -> usize {
        usize::from(self.columns).saturating_sub(12)
    }

    /// Columns of the chart below the board, without its axis.
    pub fn board_chart_columns(&self) -> usize {
        let side = if self.board_side() { usize::from(self.columns) * 2 / 5 } else { 0 };
        self.chart_columns().saturating_sub(side)
    }

    /// Columns of a person's chart, without its axis; without a frame it is a line of its own.
    pub fn person_chart_columns(&self) -> usize {
        if !self.boxed() {
            return usize::from(self.columns);
        }
        self.chart_columns().saturating_sub(self.person_side())
    }

    /// Columns of the trend in a person's list of channels.
    pub fn channel_trend(&self) -> usize {
        match self.width {
            Width::Wide => 12,
            Width::Usual => 8,
            _ => 0,
        }
    }

    pub fn board_columns(&self) -> Columns {
        let extra = usize::from(self.columns.saturating_sub(match self.width {
            Width::Wide => 120,
            Width::Usual => 80,
            Width::Medium => 60,
            _ => 40,
        }));
        match self.width {
            // Between 110 and 120 columns the driver gives way.
            Width::Wide if self.columns < 120 => {
                Columns { name: 14, trend: 14, driver: usize::from(self.columns).saturating_sub(107) }
            }
            Width::Wide => {
                let (name, trend) = (extra.min(8), extra.saturating_sub(8).min(16));
                Columns { name: 16 + name, trend: 16 + trend, driver: 13 + extra - name - trend }
            }
            Width::Usual => {
                Columns { name: 14 + extra.min(6), trend: 12 + extra.saturating_sub(6), driver: 0 }
            }
            Width::Medium => Columns { name: 8, trend: 12 + extra, driver: 0 },
            Width::Narrow => Columns { name: 0, trend: 11 + extra, driver: 0 },
            Width::Slim | Width::Tiny => Columns { name: 0, trend: 0, driver: 0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breakpoints_are_where_the_manual_says() {
        for (size, width, height) in [
            ((120, 36), Width::Wide, Height::Tall),
            ((110, 34), Width::Wide, Height::Tall),
            ((109, 33), Width::Usual, Height::Usual),
            ((80, 24), Width::Usual, Height::Usual),
            ((79, 23), Width::Medium, Height::Middle),
            ((60, 12), Width::Medium, Height::Middle),
            ((59, 11), Width::Narrow, Height::Short),
            ((40, 6), Width::Narrow, Height::Short),
            ((39, 5), Width::Slim, Height::Rows),
            ((20, 3), Width::Slim, Height::Rows),
            ((19, 2), Width::Tiny, Height::Line),
            ((0, 0), Width::Tiny, Height::Line),
        ] {
            let layout = Layout::of(size, &Breaks::default());
            assert_eq!((layout.width, layout.height), (width, height), "{size:?}");
        }
    }
}
