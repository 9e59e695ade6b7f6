//! The pool against an oracle of plain maps, against wrong rules, and through every pair of orders.

mod canaries;
mod decisions;
mod model;
mod ops;
mod oracle;
mod pairs;
mod toy;
mod traces;
