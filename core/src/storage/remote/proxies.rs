//! The proxies that the environment names.

use reqwest::{NoProxy, Proxy};

use crate::world::Environment;

/// `HTTPS_PROXY`, `http_proxy`, `ALL_PROXY` and `NO_PROXY`, in small letters or capitals.
pub(crate) fn proxies(environment: &dyn Environment) -> Vec<Proxy> {
    let named = |names: [&str; 2]| names.iter().find_map(|name| environment.var(name)).filter(|text| !text.is_empty());
    let except = named(["NO_PROXY", "no_proxy"]).and_then(|text| NoProxy::from_string(&text));
    let all = named(["ALL_PROXY", "all_proxy"]);
    let https = named(["HTTPS_PROXY", "https_proxy"]).or_else(|| all.clone());
    // `HTTP_PROXY` in capitals may come from a request where the program runs as CGI; that it is not.
    let http = named(["http_proxy", "HTTP_PROXY"]).or(all);
    let https = https.and_then(|address| Proxy::https(address).ok());
    let http = http.and_then(|address| Proxy::http(address).ok());
    https.into_iter().chain(http).map(|proxy| proxy.no_proxy(except.clone())).collect()
}
