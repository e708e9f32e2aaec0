//! The driver must notice what gets through: attackers that are helped by the driver itself.

/// # Errors
///
/// What went unnoticed.
pub async fn run() -> Result<(), String> {
    Ok(())
}
