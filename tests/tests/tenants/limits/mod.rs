mod cpu;
mod cpu_at_startup;
mod log;
mod memory;
mod overload;
mod reuse;
mod wall;
