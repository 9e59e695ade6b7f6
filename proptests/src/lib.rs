//! Laws, models, and the bodies of the fuzz targets.

pub mod harness;
