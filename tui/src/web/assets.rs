//! The built front end, carried in the binary. Never reads a file of the machine it runs on.

use axum::http::header::CONTENT_TYPE;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../ui/dist"]
struct Dist;

/// The page.
pub(super) async fn index() -> Response {
    found("index.html")
}

/// One file of the page, by its exact name in the binary.
pub(super) async fn file(uri: Uri) -> Response {
    found(uri.path().trim_start_matches('/'))
}

fn found(name: &str) -> Response {
    match Dist::get(name) {
        Some(file) => ([(CONTENT_TYPE, media_type(name))], file.data.into_owned()).into_response(),
        None => (StatusCode::NOT_FOUND, "There is nothing at this address.\n").into_response(),
    }
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}
