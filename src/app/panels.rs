//! The parts of a screen: Tab visits them, `e` gives one of them the whole screen.

use super::{App, Height, Panel, View};

/// Goes to the next part, or to the one before.
pub(super) fn step(app: &mut App, forward: bool) {
    let panels = app.view().panels();
    let place = panels.iter().position(|panel| *panel == app.panel).unwrap_or(0);
    let by = if forward { 1 } else { panels.len() - 1 };
    app.panel = panels[(place + by) % panels.len()];
}

impl App {
    /// The part that has the whole screen: by the user's wish, or because there is no room for it beside others.
    pub fn alone(&self) -> Option<Panel> {
        let hidden = self.panel != Panel::List && !self.in_sight(self.panel);
        (self.expanded || hidden).then_some(self.panel)
    }

    /// Whether a part stands on the screen beside the others.
    pub(super) fn in_sight(&self, panel: Panel) -> bool {
        let layout = self.layout();
        match (self.view(), panel) {
            (_, Panel::List) => true,
            (View::Board, Panel::Chart) => layout.board_chart(),
            (View::Board, Panel::Movers | Panel::Ticks) => layout.board_side() || layout.board_below(),
            (View::Board, Panel::Why) => layout.boxed() && layout.height == Height::Tall,
            (View::Person { .. }, Panel::Parts) => layout.person_side() > 0,
            (View::Channel { .. }, Panel::Ticks) => layout.channel_side(),
            (_, Panel::Chart) | (View::Channel { .. }, Panel::Parts) => {
                layout.boxed() && layout.height >= Height::Usual
            }
            (_, _) => layout.boxed(),
        }
    }

    /// Whether the part that Tab has led to shall say so.
    pub fn is_focus(&self, panel: Panel) -> bool {
        panel == self.panel && panel != Panel::List
    }
}
