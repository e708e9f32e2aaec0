//! Requests that have an isolate for themselves.

use std::sync::Arc;
use std::time::{Duration, Instant};

use insula_wire::Farewell;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::{Placement, Waiting};
use crate::boot::{self, Start};
use crate::fleet::sit_out;
use crate::link::{Lease, Reserved};
use crate::sync::lock;
use crate::{Limits, RequestError, StartError};

impl Placement {
    /// A fresh isolate, which goes after this one request.
    pub(super) async fn lease_oneshot(self: &Arc<Self>) -> Result<Lease, RequestError> {
        let pause = {
            let state = lock(&self.state);
            state.recent_failure()?;
            state.bearable_pause()?
        };
        let since = Instant::now();
        let permit = {
            let waiting = Waiting::join(self);
            let Limits { queue, concurrency, queue_ms, .. } = self.deployment.limits;
            if waiting.before >= queue as usize + concurrency as usize {
                return Err(RequestError::Overloaded);
            }
            sit_out(pause).await;
            let permit = Arc::clone(&self.oneshots).acquire_owned();
            let permit = timeout(Duration::from_millis(queue_ms), permit).await;
            permit.map_err(|_| RequestError::Overloaded)?.map_err(|_| StartError::ShuttingDown)?
        };
        let (start, lease) = self.start_alone(permit).await?;
        self.stats.count_wait(since.elapsed());
        let link = Arc::clone(start.link());
        let placement = Arc::clone(self);
        tokio::spawn(async move {
            if let Err(error) = start.finish().await {
                placement.note_failed_start(&mut lock(&placement.state), &error);
            }
        });
        let mut state = lock(&self.state);
        state.alone.retain(|link| link.strong_count() > 0);
        state.alone.push(Arc::downgrade(&link));
        drop(state);
        link.leave(Farewell::Done);
        Ok(lease)
    }

    /// A fresh isolate and the one place in it; another one if its cordon died before anything was sent there.
    async fn start_alone(
        self: &Arc<Self>,
        permit: OwnedSemaphorePermit,
    ) -> Result<(Start, Lease), RequestError> {
        let context = self.context(Some(permit));
        for is_last in [false, true] {
            let error = match boot::send(&self.host.fleets, context.clone()).await {
                Ok(start) => match start.link().reserve() {
                    Reserved::Lease(lease) => return Ok((start, lease)),
                    // It has ended already, and says why.
                    _ => start.finish().await.err().unwrap_or(StartError::CordonCrashed),
                },
                Err(error) => error,
            };
            if is_last || !matches!(error, StartError::CordonCrashed) {
                self.note_failed_start(&mut lock(&self.state), &error);
                return Err(error.into());
            }
        }
        Err(RequestError::CordonCrashed)
    }
}
