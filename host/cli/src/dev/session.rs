use std::path::PathBuf;
use std::sync::Arc;

use insula_control::{DeployError, api::DeployRequest};
use insula_supervisor::{StartError, Supervisor};

use super::{Stage, TENANT, page};
use crate::args::{AppArgs, DevArgs};
use crate::client::{say, show_event};
use crate::deploying;
use crate::diagnostic::Diagnostic;
use crate::failure::Failure;
use crate::package::{self, Package};
use crate::text::duration;

/// The application under development, across reloads.
pub struct Session<'a> {
    path: PathBuf,
    app: &'a AppArgs,
    stage: Arc<Stage>,
    supervisor: Arc<Supervisor>,
    last: Option<Attempt>,
    /// Counts error pages: each is a deployment of its own.
    pages: u64,
    tailing: bool,
}

/// What a reload found; the same again is not worth a word.
#[derive(PartialEq)]
enum Attempt {
    Package(Box<DeployRequest>),
    Broken(String),
}

impl<'a> Session<'a> {
    /// A session that has loaded nothing yet.
    pub fn new(args: &'a DevArgs, stage: Arc<Stage>, supervisor: Arc<Supervisor>) -> Self {
        Self {
            path: args.path.clone(),
            app: &args.app,
            stage,
            supervisor,
            last: None,
            pages: 0,
            tailing: false,
        }
    }

    /// Packages and deploys what is on disk now; shows what is wrong with it in the terminal and
    /// in the page. Returns the files and folders whose change asks for another reload.
    ///
    /// # Errors
    ///
    /// [`Failure`] when nobody reads the terminal's output.
    pub async fn reload(&mut self) -> Result<Vec<PathBuf>, Failure> {
        let path = self.path.clone();
        let packaged = tokio::task::spawn_blocking(move || {
            let mut touched = Vec::new();
            (package::package(&path, &mut touched), touched)
        });
        let (packaged, touched) = packaged
            .await
            .map_err(|error| Diagnostic::new(format!("packaging broke off: {error}")))?;
        match packaged {
            Ok(package) => self.deploy(&package).await?,
            Err(error) => {
                let diagnostic = error.diagnostic();
                if self.is_new(Attempt::Broken(diagnostic.to_string())) {
                    self.show_error(&diagnostic)?;
                }
            }
        }
        Ok(touched)
    }

    async fn deploy(&mut self, package: &Package) -> Result<(), Failure> {
        let request = deploying::request(package, self.app);
        if !self.is_new(Attempt::Package(Box::new(request.clone()))) {
            return Ok(());
        }
        for warning in &package.warnings {
            say(&format!("{}\n\n", warning.labelled("warning")))?;
        }
        match self.stage.control.deploy(&self.supervisor, TENANT, request).await {
            Ok(response) => {
                for warning in response.warnings {
                    say(&format!("{}\n\n", Diagnostic::new(warning).labelled("warning")))?;
                }
                if let Some(page) = self.stage.show(None) {
                    self.supervisor.retire(&page);
                }
                say(&format!(
                    "v{} is live (start-up {}, {} of CPU)\n",
                    response.number,
                    duration(response.startup_wall_us),
                    duration(response.startup_cpu_us)
                ))?;
                self.tail();
                Ok(())
            }
            Err(error) => self.show_error(&refusal(&error, package)),
        }
    }

    fn is_new(&mut self, attempt: Attempt) -> bool {
        let is_new = self.last.as_ref() != Some(&attempt);
        self.last = Some(attempt);
        is_new
    }

    fn show_error(&mut self, diagnostic: &Diagnostic) -> Result<(), Failure> {
        self.pages += 1;
        let page = page::deployment(diagnostic, self.pages);
        if let Some(old) = self.stage.show(Some(page)) {
            self.supervisor.retire(&old);
        }
        say(&format!("{diagnostic}\n\n"))
    }

    /// Shows what happens in the application's isolates, from the first version that works on.
    fn tail(&mut self) {
        if std::mem::replace(&mut self.tailing, true) {
            return;
        }
        let mut events = self.stage.control.tail().subscribe_with_recent(TENANT);
        tokio::spawn(async move {
            while let Some(line) = events.next().await {
                if say(&show_event(&line)).is_err() {
                    return;
                }
            }
        });
    }
}

fn refusal(error: &DeployError, package: &Package) -> Diagnostic {
    match error {
        DeployError::Start(start @ StartError::Boot { detail, .. }) => {
            deploying::rejection(&start.to_string(), start.blame(), detail, package)
        }
        other => Diagnostic::new(other.to_string()).blame(other.blame()),
    }
}
