mod aborted;
mod backpressure;
mod echo;
mod framing;
mod limits;
