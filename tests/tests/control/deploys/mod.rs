mod durable;
mod rejected;
mod sources;
mod under_load;
mod usage;
mod versions;
