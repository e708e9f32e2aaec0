//! Tenants, their deployments and secrets, the stores that keep them, and the admin API.

pub mod api;
