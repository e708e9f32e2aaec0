mod confined;
mod durable;
mod keys;
