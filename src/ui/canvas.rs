//! What a frame is drawn on: the cells, and where a click means something.

use crate::app::Target;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::ops::{Deref, DerefMut};

/// A place of the frame and what a click on it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    pub area: Rect,
    pub target: Target,
}

/// The cells of a frame, and the places in it that can be clicked.
#[derive(Debug)]
pub(super) struct Canvas<'b> {
    buffer: &'b mut Buffer,
    area: Rect,
    spots: Vec<Spot>,
}

impl<'b> Canvas<'b> {
    pub(super) fn new(buffer: &'b mut Buffer, area: Rect) -> Self {
        Self { buffer, area, spots: Vec::new() }
    }

    /// A click inside `area` means `target`; what is drawn later lies on top.
    pub(super) fn spot(&mut self, area: Rect, target: Target) {
        let area = area.intersection(self.area);
        if !area.is_empty() {
            self.spots.push(Spot { area, target });
        }
    }

    pub(super) fn into_spots(self) -> Vec<Spot> {
        self.spots
    }
}

impl Deref for Canvas<'_> {
    type Target = Buffer;

    fn deref(&self) -> &Buffer {
        self.buffer
    }
}

impl DerefMut for Canvas<'_> {
    fn deref_mut(&mut self) -> &mut Buffer {
        self.buffer
    }
}

/// What a click at a place of the frame means.
pub fn hit(spots: &[Spot], column: u16, row: u16) -> Option<Target> {
    spots.iter().rev().find(|spot| spot.area.contains((column, row).into())).map(|spot| spot.target)
}
