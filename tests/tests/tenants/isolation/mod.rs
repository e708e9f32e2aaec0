mod environment;
mod globals;
mod prototypes;
