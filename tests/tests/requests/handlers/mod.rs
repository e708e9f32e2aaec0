mod failures;
mod service_worker;
mod timers;
mod wait_until;
