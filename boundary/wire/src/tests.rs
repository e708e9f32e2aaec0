//! What the codec promises to either side of the wall.

mod caps;
mod decoder;
mod headers;
mod hostile;
mod parts;
mod refusals;
mod round_trip;
