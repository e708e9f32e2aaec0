use std::fmt;
use std::path::PathBuf;

use super::{Controller, Version};

/// A folder in one tree of control groups: a group, or that under which there is one for each
/// cordon. As text, which [`parse`](Self::parse) reads, it travels to whoever may only look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub(crate) version: Version,
    pub(crate) path: PathBuf,
    /// Those that are in use here.
    pub(crate) controllers: Vec<Controller>,
}

impl Place {
    /// The group called `name` in this one.
    #[must_use]
    pub fn below(&self, name: &str) -> Self {
        Self { path: self.path.join(name), controllers: self.controllers.clone(), ..*self }
    }

    /// Whether the kernel counts here what `controller` is for.
    pub fn has(&self, controller: Controller) -> bool {
        self.controllers.contains(&controller)
    }

    /// What the text of a place says; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ' ');
        let version = match parts.next()? {
            "1" => Version::One,
            "2" => Version::Two,
            _ => return None,
        };
        let names = parts.next()?.split(',').filter(|name| !name.is_empty());
        let known = |name| Controller::ALL.into_iter().find(|it| it.name() == name);
        let controllers = names.map(known).collect::<Option<_>>()?;
        let path = PathBuf::from(parts.next()?);
        path.is_absolute().then_some(Self { version, path, controllers })
    }
}

/// A path that is not in UTF-8 comes out as another one, which does not exist.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = match self.version {
            Version::One => 1,
            Version::Two => 2,
        };
        let controllers: Vec<_> = self.controllers.iter().map(|it| it.name()).collect();
        write!(f, "{version} {} {}", controllers.join(","), self.path.display())
    }
}
