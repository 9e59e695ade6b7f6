//! Laws, models, and the bodies of the fuzz targets.

pub mod harness;
pub mod laws;
pub mod pair;
pub mod speaker;
pub mod wire;
