//! What a table does, in situations and with random steps.

mod situations;
