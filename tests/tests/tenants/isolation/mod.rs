mod channels;
mod environment;
mod globals;
mod own_process;
mod prototypes;
