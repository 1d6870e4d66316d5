use super::{Constants, Energy, NetworkConstants};
use crate::model::Time;

/// The formula's numbers for one channel at one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    pub constants: Constants,
    pub network: NetworkConstants,
    /// F
    pub audience: Option<f64>,
    pub energy: Energy,
    /// T of the person.
    pub total: f64,
    /// X of the newest day on which something came, and its price; what one more like is priced with.
    pub today: Option<(Time, f64, f64)>,
    /// Posts and rows in the ledger.
    pub posts: usize,
    pub rows: usize,
    pub at: Time,
}
