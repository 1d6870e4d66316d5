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
    pub fn of((columns, rows): (u16, u16)) -> Self {
        let width = match columns {
            0..=19 => Width::Tiny,
            20..=39 => Width::Slim,
            40..=59 => Width::Narrow,
            60..=79 => Width::Medium,
            80..=109 => Width::Usual,
            _ => Width::Wide,
        };
        let height = match rows {
            0..=2 => Height::Line,
            3..=5 => Height::Rows,
            6..=11 => Height::Short,
            12..=23 => Height::Middle,
            24..=33 => Height::Usual,
            _ => Height::Tall,
        };
        Self { columns, rows, width, height }
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
        self.width == Width::Wide && self.height == Height::Tall
    }

    /// Columns of the chart below the board, without its axis.
    pub fn board_chart_columns(&self) -> usize {
        let side = if self.board_side() { usize::from(self.columns) * 2 / 5 } else { 0 };
        usize::from(self.columns).saturating_sub(side + 13)
    }

    /// Columns of the box that says what a person's score is made of; 0 when it stands elsewhere.
    pub fn person_side(&self) -> usize {
        if self.width == Width::Wide && self.height == Height::Tall { 34 } else { 0 }
    }

    /// Columns of a person's chart, without its axis.
    pub fn person_chart_columns(&self) -> usize {
        let frame = if self.boxed() { 13 } else { 0 };
        usize::from(self.columns).saturating_sub(self.person_side() + frame)
    }

    /// Columns of a channel's chart, without its axis.
    pub fn channel_chart_columns(&self) -> usize {
        usize::from(self.columns).saturating_sub(13)
    }

    /// Columns of the comparison's chart, without its axis.
    pub fn compare_chart_columns(&self) -> usize {
        usize::from(self.columns).saturating_sub(13)
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
            let layout = Layout::of(size);
            assert_eq!((layout.width, layout.height), (width, height), "{size:?}");
        }
    }
}
