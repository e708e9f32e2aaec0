mod durable;
mod late;
mod rejected;
mod sources;
mod under_load;
mod usage;
mod versions;
