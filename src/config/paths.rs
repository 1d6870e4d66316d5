use directories::ProjectDirs;
use std::path::PathBuf;

/// Where the program keeps its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    pub config: PathBuf,
    pub data: PathBuf,
}

impl Paths {
    /// The platform's own places, each replaceable. `None` on a machine without a home directory where
    /// they are not all given.
    pub fn find(config: Option<PathBuf>, data: Option<PathBuf>) -> Option<Self> {
        let usual = ProjectDirs::from("", "", "cloutop");
        Some(Self {
            config: config.or_else(|| Some(usual.as_ref()?.config_dir().join("config.toml")))?,
            data: data.or_else(|| Some(usual.as_ref()?.data_dir().to_owned()))?,
        })
    }

    pub fn store(&self) -> PathBuf {
        self.data.join("cloutop.db")
    }

    /// Keys stand beside the configuration.
    pub fn keys(&self) -> PathBuf {
        self.config.with_file_name("keys.toml")
    }
}
