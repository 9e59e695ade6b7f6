//! Every fetch at every checkpoint, and what fetches find beside what the reference finds.

mod listing;
mod prefixes;
mod tracking;
mod validity;
mod vectors;
mod when;
mod world;
