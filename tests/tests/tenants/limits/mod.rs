mod cpu;
mod cpu_at_startup;
mod leaks;
mod log;
mod memory;
mod overload;
mod reuse;
mod wall;
