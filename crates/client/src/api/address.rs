//! A store's address, as a person enters it and as it is used.

use std::net::IpAddr;

use reqwest::Url;

use crate::failure::invalid;
use crate::view::Problem;

/// The address of a store: `https://…`, or `http://…` on this computer alone; without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    text: String,
    host: String,
    loopback: bool,
}

impl Address {
    /// Reads what a person entered. `https://` may be left out.
    pub(crate) fn parse(entered: &str) -> Result<Self, Problem> {
        let entered = entered.trim();
        if entered.is_empty() {
            return Err(invalid(
                "address",
                "Enter the store's address. It is in the e-mail that invited you.",
            ));
        }
        let wrong = || {
            invalid(
                "address",
                "This is not the address of a store. Enter it as it is in the e-mail that invited you, such as store.example.org.",
            )
        };
        let url = if entered.contains("://") {
            Url::parse(entered)
        } else {
            Url::parse(&format!("https://{entered}")).and_then(|url| {
                // A store on this very computer has no certificate.
                if is_loopback(&url) {
                    Url::parse(&format!("http://{entered}"))
                } else {
                    Ok(url)
                }
            })
        };
        let url = url.map_err(|_| wrong())?;
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or_else(wrong)?
            .to_owned();
        let plain =
            url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
        if !plain || host.contains("..") {
            return Err(wrong());
        }
        let loopback = is_loopback(&url);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => {
                return Err(invalid(
                    "address",
                    "This address begins with http://, which others on the network could read along. Enter it with https:// instead.",
                ));
            }
            _ => return Err(wrong()),
        }
        let text = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { text, host, loopback })
    }

    /// In its full form, such as `https://store.example.org`.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Its host's name, for a sentence.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is on this computer: no proxy stands between.
    pub(crate) fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// The address of a route.
    pub(crate) fn route(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }
}

fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_people_enter_them() {
        for (entered, full) in [
            (" store.example.org ", "https://store.example.org"),
            ("https://store.example.org/", "https://store.example.org"),
            ("Store.Example.org:8443", "https://store.example.org:8443"),
            ("store.example.org/secure/", "https://store.example.org/secure"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(Address::parse(entered).unwrap().as_str(), full, "{entered}");
        }
    }

    #[test]
    fn what_is_no_address_is_said_to_be_none() {
        for entered in [
            "",
            "  ",
            "a b",
            "https://",
            "ftp://store.example.org",
            "https://me@store.example.org",
            "https://x.example/?q=1",
            "http://store.example.org",
        ] {
            let problem = Address::parse(entered).unwrap_err();
            assert_eq!(problem.field.as_deref(), Some("address"), "{entered}");
        }
        assert!(
            Address::parse("http://store.example.org")
                .unwrap_err()
                .message
                .contains("https://")
        );
    }
}
