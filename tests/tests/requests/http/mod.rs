mod headers;
mod hosts;
mod malformed;
mod versions;
