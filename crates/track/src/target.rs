//! Which server to send to.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ureq::http::Uri;

use crate::{Result, TrackError};

/// An MLflow server and how to introduce oneself to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    url: String,
    experiment: Option<String>,
    authorization: Option<String>,
}

// Credentials are nobody's business.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authorization = self.authorization.as_ref().map(|_| "...");
        f.debug_struct("Target")
            .field("url", &self.url)
            .field("experiment", &self.experiment)
            .field("authorization", &authorization)
            .finish()
    }
}

const FLAG: &str = "`mlflow=URL` with an http(s) URL, like mlflow=http://127.0.0.1:5000, or `none`";
const ADDRESS: &str = "an http(s) URL, like http://127.0.0.1:5000";
const NO_USER: &str =
    "a URL without user and password, which belong in MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD";

impl Target {
    /// What `flag` (`mlflow=URL` or `none`) asks for; without it `MLFLOW_TRACKING_URI`, where that is an http(s) URL: MLflow's
    /// other stores (a folder, a database, a cloud) have no server to speak to.
    ///
    /// `variable` reads the environment: MLflow's own `MLFLOW_EXPERIMENT_NAME`, `MLFLOW_TRACKING_TOKEN`,
    /// `MLFLOW_TRACKING_USERNAME` and `MLFLOW_TRACKING_PASSWORD` apply.
    ///
    /// ```
    /// use brasa_track::Target;
    ///
    /// let target = Target::choose(Some("mlflow=http://127.0.0.1:5000/"), |_| None)?;
    /// assert_eq!(target.as_ref().map(Target::url), Some("http://127.0.0.1:5000"));
    /// assert!(Target::choose(Some("none"), |_| Some("http://127.0.0.1:5000".into()))?.is_none());
    /// # Ok::<(), brasa_track::TrackError>(())
    /// ```
    ///
    /// # Errors
    /// [`TrackError::Target`].
    pub fn choose(flag: Option<&str>, variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>> {
        let given = match flag {
            Some("none") => None,
            Some(text) => match text.strip_prefix("mlflow=") {
                Some(url) => Some(("--track mlflow=", url.to_string())),
                None => return Err(refuse("--track ", text, FLAG)),
            },
            None => variable("MLFLOW_TRACKING_URI")
                .filter(|uri| is_http(uri))
                .map(|uri| ("MLFLOW_TRACKING_URI=", uri)),
        };
        given.map(|(origin, url)| Self::at(origin, &url, variable)).transpose()
    }

    /// The server at `url`; `origin` is what a message has before it, such as `MLFLOW_TRACKING_URI=`.
    ///
    /// # Errors
    /// [`TrackError::Target`].
    pub fn at(origin: &str, url: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let filled = |name| variable(name).filter(|value| !value.is_empty());
        let authorization = match (filled("MLFLOW_TRACKING_TOKEN"), filled("MLFLOW_TRACKING_USERNAME")) {
            (Some(token), _) => Some(format!("Bearer {token}")),
            (None, Some(user)) => {
                let password = filled("MLFLOW_TRACKING_PASSWORD").unwrap_or_default();
                Some(format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}"))))
            }
            (None, None) => None,
        };
        let url = check(origin, url)?;
        Ok(Self { url, experiment: filled("MLFLOW_EXPERIMENT_NAME"), authorization })
    }

    /// The server at `url`, which stands in a run's folder: whoever made the folder wrote it. Credentials go there only where the
    /// environment names the same server in `MLFLOW_TRACKING_URI`.
    ///
    /// # Errors
    /// [`TrackError::Target`].
    pub(crate) fn remembered(url: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let origin = "the server that it was tracked on, ";
        let url = check(origin, url)?;
        let named = variable("MLFLOW_TRACKING_URI").and_then(|named| check("", &named).ok());
        match named == Some(url.clone()) {
            true => Self::at(origin, &url, variable),
            false => Ok(Self { url, experiment: None, authorization: None }),
        }
    }

    /// Its address, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The experiment that was asked for; else it is named after the app.
    pub fn experiment(&self) -> Option<&str> {
        self.experiment.as_deref()
    }

    pub(crate) fn authorization(&self) -> Option<&str> {
        self.authorization.as_deref()
    }
}

fn is_http(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}

fn refuse(origin: &str, given: &str, expected: &'static str) -> TrackError {
    TrackError::Target { origin: origin.into(), given: given.into(), expected }
}

fn check(origin: &str, url: &str) -> Result<String> {
    let wrong = || refuse(origin, url, ADDRESS);
    let uri: Uri = url.parse().map_err(|_| wrong())?;
    let authority = uri.authority().filter(|authority| !authority.host().is_empty()).ok_or_else(wrong)?;
    if authority.as_str().contains('@') {
        return Err(refuse(
            origin,
            &format!("{}://...@{}", uri.scheme_str().unwrap_or("http"), authority.host()),
            NO_USER,
        ));
    }
    if !is_http(url) || uri.query().is_some() {
        return Err(wrong());
    }
    Ok(url.trim_end_matches('/').into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn choose(flag: Option<&str>, environment: &[(&str, &str)]) -> Result<Option<Target>> {
        Target::choose(flag, |name| {
            environment.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string())
        })
    }

    #[test]
    fn the_flag_goes_before_the_variable() {
        let environment =
            [("MLFLOW_TRACKING_URI", "https://there/mlflow/"), ("MLFLOW_EXPERIMENT_NAME", "mine")];
        let there = choose(None, &environment).unwrap().unwrap();
        assert_eq!((there.url(), there.experiment()), ("https://there/mlflow", Some("mine")));
        let here = choose(Some("mlflow=http://here:5000"), &environment).unwrap().unwrap();
        assert_eq!(here.url(), "http://here:5000");
        assert_eq!(choose(Some("none"), &environment).unwrap(), None);
        assert_eq!(choose(None, &[]).unwrap(), None);
    }

    #[test]
    fn a_store_without_a_server_is_not_spoken_to() {
        for uri in ["databricks", "sqlite:///mlflow.db", "file:///tmp/mlruns", "mlruns", ""] {
            assert_eq!(choose(None, &[("MLFLOW_TRACKING_URI", uri)]).unwrap(), None, "{uri}");
        }
    }

    #[test]
    fn what_is_no_server_is_bad_input() {
        for flag in [
            "http://here",
            "wandb=x",
            "mlflow=",
            "mlflow=here:5000",
            "mlflow=http://",
            "mlflow=http://a b",
            "mlflow=http://a?b=c",
            "mlflow=ftp://a",
        ] {
            let error = choose(Some(flag), &[]).unwrap_err();
            assert!(error.is_input() && error.to_string().starts_with("--track"), "{flag}: {error}");
        }
    }

    #[test]
    fn credentials_go_to_a_server_that_the_user_named_alone() {
        let of = |named: &'static str| {
            let environment = [("MLFLOW_TRACKING_URI", named), ("MLFLOW_TRACKING_TOKEN", "secret")];
            let variable = |name: &str| {
                environment.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string())
            };
            Target::remembered("http://there:5000", variable).unwrap().authorization().map(str::to_owned)
        };
        assert_eq!(of("http://there:5000/"), Some("Bearer secret".into()));
        for other in ["http://there:5001", "https://there:5000", "http://there:5000.evil", "mlruns", ""] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn a_password_is_neither_kept_nor_shown() {
        let error = choose(Some("mlflow=http://me:secret@here"), &[]).unwrap_err().to_string();
        assert!(error.contains("MLFLOW_TRACKING_PASSWORD") && !error.contains("secret"), "{error}");
        let user = [("MLFLOW_TRACKING_USERNAME", "me"), ("MLFLOW_TRACKING_PASSWORD", "secret")];
        let target = choose(Some("mlflow=http://here"), &user).unwrap().unwrap();
        assert_eq!(target.authorization(), Some("Basic bWU6c2VjcmV0"));
        assert!(!format!("{target:?}").contains("bWU6"));
        let token = choose(Some("mlflow=http://here"), &[("MLFLOW_TRACKING_TOKEN", "t")]).unwrap().unwrap();
        assert_eq!(token.authorization(), Some("Bearer t"));
    }
}
