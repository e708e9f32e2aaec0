//! Subrequests on a link.

use std::sync::Arc;

use insula_wire::{BodyHead, HostFrame};

use super::body::{Inbox, Outbox};
use super::effects::Effects;
use super::output::EncodeTo;
use super::state::{State, Subrequest};
use super::{Breach, Link};
use crate::SubrequestError;
use crate::metered::metered;
use crate::subrequest::Call;
use crate::sync::lock;

/// Subrequests of one isolate that may be open at once.
const OPEN: usize = 1000;

impl Link {
    /// Notes a subrequest, if its request may make one; says so to the isolate if not.
    pub(super) fn admit_fetch(
        self: &Arc<Self>,
        stream: u32,
        parent: u32,
        streamed: bool,
    ) -> Result<bool, Breach> {
        let mut state = lock(&self.state);
        if stream <= state.last_fetch {
            return Err(Breach::Reopened(stream));
        }
        state.check_opened(parent, "Fetch")?;
        state.last_fetch = stream;
        match state.charge_fetch(parent, self.deployment.limits.subrequests) {
            Ok(()) => {
                let inbox = streamed.then(|| Inbox::new(&state.held));
                state.subrequests.insert(
                    stream,
                    Subrequest { parent, inbox, outbox: None, socket: None, task: None },
                );
                Ok(true)
            }
            Err(message) => {
                HostFrame::FetchFailed { stream, message: &message }.encode_to(&mut state.out);
                self.flush(state);
                Ok(false)
            }
        }
    }

    /// Carries an admitted subrequest out.
    pub(super) fn start_fetch(self: &Arc<Self>, call: Call) {
        let stream = call.stream;
        self.stats.count_subrequest();
        let stats = Arc::clone(&self.stats);
        let errand = metered(call.run(Arc::clone(self)), move |time| stats.spend_in_host(time));
        let task = self.errands.spawn(errand);
        match lock(&self.state).subrequests.get_mut(&stream) {
            // It is on its own already.
            Some(sub) if sub.socket.is_some() => {}
            Some(sub) => sub.task = Some(task.abort_handle()),
            // It is over already, or the link has closed meanwhile: then nobody wants it.
            None => task.abort(),
        }
    }

    /// Passes a response's head on. A streamed body follows on the same stream.
    pub(crate) fn fetch_answered(self: &Arc<Self>, stream: u32, response: &HostFrame<'_>) {
        let mut state = lock(&self.state);
        let Some(sub) = state.subrequests.get_mut(&stream) else { return };
        let streamed =
            matches!(response, HostFrame::FetchResponse { body: BodyHead::Stream { .. }, .. });
        if streamed {
            sub.outbox = Some(Outbox::new());
        } else {
            state.remove_subrequest(stream);
        }
        response.encode_to(&mut state.out);
        self.flush(state);
    }

    /// Tells the isolate that a subrequest came to nothing.
    pub(crate) fn fetch_failed(self: &Arc<Self>, stream: u32, message: &str) {
        let mut state = lock(&self.state);
        if state.remove_subrequest(stream).is_some() {
            HostFrame::FetchFailed { stream, message }.encode_to(&mut state.out);
        }
        self.flush(state);
    }
}

impl State {
    /// Counts a subrequest against its request, or says why there can be none.
    fn charge_fetch(&mut self, parent: u32, limit: u32) -> Result<(), String> {
        let request = self.requests.get_mut(&parent).filter(|r| !r.done && !r.aborted);
        let request = request.ok_or("fetch needs a request that is not over")?;
        if request.fetches >= limit {
            return Err(SubrequestError::TooMany(limit).to_string());
        }
        if self.subrequests.len() >= OPEN {
            return Err(format!("an isolate may have {OPEN} subrequests open at once"));
        }
        request.fetches += 1;
        request.open_fetches += 1;
        Ok(())
    }

    /// A subrequest has been answered in full.
    pub(super) fn finish_subrequest(&mut self, stream: u32, effects: &mut Effects) {
        if let Some(sub) = self.remove_subrequest(stream) {
            effects.wakers.extend(sub.inbox.and_then(|mut inbox| inbox.fail("it was answered")));
        }
    }
}
