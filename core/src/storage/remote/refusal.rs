//! What a service means by the status and the code of a refusal.
//!
//! Takes the code of an answer and nothing else of its text: some services repeat in it what was
//! signed.

use http::{HeaderMap, StatusCode};

use super::super::failure::{Cause, Failure};

/// How a service speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    S3,
    Azure,
    Gcs,
    /// A server of the web.
    Web,
}

/// The code that a service gave, such as `NoSuchKey`.
pub(super) fn service_code(headers: &HeaderMap, body: &[u8]) -> Option<String> {
    if let Some(code) = headers.get("x-ms-error-code").and_then(|code| code.to_str().ok()) {
        return plain(code);
    }
    let body = String::from_utf8_lossy(body.get(..body.len().min(4096))?).into_owned();
    if !body.contains("<Error>") && !body.contains("<Error ") {
        return None;
    }
    element(&body, "Code").and_then(plain)
}

fn element<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = body.split_once(&format!("<{name}>"))?;
    Some(after.split_once(&format!("</{name}>"))?.0)
}

/// A word without anything that could be more than a code.
fn plain(code: &str) -> Option<String> {
    let fits =
        !code.is_empty() && code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    fits.then(|| code.to_owned())
}

/// Why a request was refused. `conditional`: it asked to put a file only if there is none.
pub(super) fn judge(
    dialect: Dialect,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    conditional: bool,
) -> Failure {
    let code = service_code(headers, body);
    let text = String::from_utf8_lossy(body.get(..body.len().min(4096)).unwrap_or_default()).into_owned();
    let cause = by_code(code.as_deref().unwrap_or_default(), &text, headers)
        .unwrap_or_else(|| by_status(dialect, status, code.as_deref(), conditional));
    let said = match &code {
        Some(code) => format!("{} {code}", status.as_u16()),
        None => status.as_u16().to_string(),
    };
    Failure::new(cause).said(said)
}

fn by_code(code: &str, body: &str, headers: &HeaderMap) -> Option<Cause> {
    let skewed = code == "AuthenticationFailed" && (body.contains("date header") || body.contains("Request date"));
    if skewed || matches!(code, "RequestTimeTooSkewed" | "RequestExpired") {
        return Some(Cause::ClockSkew);
    }
    Some(match code {
        "NoSuchBucket" | "InvalidBucketName" | "ContainerNotFound" | "ContainerBeingDeleted" | "ContainerDisabled" => {
            Cause::NoBucket
        }
        "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "InvalidToken"
        | "ExpiredToken"
        | "TokenRefreshRequired"
        | "InvalidSecurity"
        | "InvalidAuthenticationInfo"
        | "NoAuthenticationInformation"
        | "AuthenticationFailed" => Cause::WrongKey,
        "AccessDenied"
        | "AllAccessDisabled"
        | "AuthorizationFailure"
        | "AuthorizationPermissionMismatch"
        | "AuthorizationProtocolMismatch"
        | "AuthorizationServiceMismatch"
        | "InsufficientAccountPermissions"
        | "AccountIsDisabled"
        | "AccountProblem"
        | "PublicAccessNotPermitted" => Cause::Refused,
        "AuthorizationHeaderMalformed" | "PermanentRedirect" | "IllegalLocationConstraintException" => {
            let region = headers.get("x-amz-bucket-region").and_then(|region| region.to_str().ok());
            let region = region.or_else(|| element(body, "Region")).and_then(plain);
            if region.is_none() && code == "AuthorizationHeaderMalformed" {
                return Some(Cause::WrongKey);
            }
            Cause::OtherRegion(region)
        }
        "SlowDown"
        | "RequestLimitExceeded"
        | "TooManyRequests"
        | "ServerBusy"
        | "Throttling"
        | "ThrottlingException"
        | "RequestTimeout"
        | "OperationTimedOut" => Cause::Throttled,
        "NoSuchKey" | "BlobNotFound" | "NoSuchUpload" | "PathNotFound" | "ResourceNotFound" => Cause::Missing,
        "BlobAlreadyExists" | "ResourceAlreadyExists" | "PathAlreadyExists" => Cause::Exists,
        "DirectoryIsNotEmpty" | "DirectoryNotEmpty" => Cause::Conflict,
        "KeyTooLongError" | "InvalidResourceName" | "OutOfRangeInput" => Cause::BadName,
        _ => return None,
    })
}

fn by_status(dialect: Dialect, status: StatusCode, code: Option<&str>, conditional: bool) -> Cause {
    match status.as_u16() {
        301 | 307 | 308 => Cause::OtherRegion(None),
        401 => Cause::WrongKey,
        403 => Cause::Refused,
        404 => Cause::Missing,
        // Of several puts at once S3 lets one win and tells others to ask again.
        409 if conditional && dialect != Dialect::Azure => Cause::Unsure,
        // A store that knows the condition, but not its finer words.
        409 if conditional && code.is_none() => Cause::Exists,
        409 => Cause::Conflict,
        304 | 412 if conditional => Cause::Exists,
        304 | 412 => Cause::Changed,
        408 | 429 | 503 | 509 => Cause::Throttled,
        _ => {
            if status.is_server_error() {
                Cause::Broken
            } else {
                Cause::Conflict
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(dialect: Dialect, status: u16, headers: &[(&'static str, &'static str)], body: &str, put: bool) -> Failure {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        judge(dialect, StatusCode::from_u16(status).unwrap(), &map, body.as_bytes(), put)
    }

    #[test]
    fn refusals_are_told_apart() {
        let xml = |code: &str| {
            format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><StringToSign>s3cr3t</StringToSign></Error>")
        };
        for (dialect, status, headers, body, put, cause) in [
            (Dialect::S3, 404, vec![], xml("NoSuchBucket"), false, Cause::NoBucket),
            (Dialect::S3, 404, vec![], String::new(), false, Cause::Missing),
            (Dialect::S3, 403, vec![], xml("SignatureDoesNotMatch"), false, Cause::WrongKey),
            (Dialect::S3, 403, vec![], xml("RequestTimeTooSkewed"), false, Cause::ClockSkew),
            (Dialect::S3, 403, vec![], String::new(), false, Cause::Refused),
            (Dialect::S3, 412, vec![], xml("PreconditionFailed"), true, Cause::Exists),
            (Dialect::S3, 412, vec![], xml("PreconditionFailed"), false, Cause::Changed),
            (Dialect::S3, 409, vec![], xml("ConditionalRequestConflict"), true, Cause::Unsure),
            (Dialect::Azure, 409, vec![("x-ms-error-code", "BlobAlreadyExists")], String::new(), true, Cause::Exists),
            (
                Dialect::Azure,
                409,
                vec![("x-ms-error-code", "LeaseAlreadyPresent")],
                String::new(),
                true,
                Cause::Conflict,
            ),
            (
                Dialect::Azure,
                404,
                vec![("x-ms-error-code", "ContainerNotFound")],
                String::new(),
                false,
                Cause::NoBucket,
            ),
            (
                Dialect::Azure,
                409,
                vec![("x-ms-error-code", "DirectoryIsNotEmpty")],
                String::new(),
                false,
                Cause::Conflict,
            ),
            (Dialect::Gcs, 412, vec![], String::new(), true, Cause::Exists),
            (Dialect::S3, 503, vec![], xml("SlowDown"), false, Cause::Throttled),
            (Dialect::S3, 500, vec![], String::new(), false, Cause::Broken),
            (
                Dialect::S3,
                301,
                vec![("x-amz-bucket-region", "eu-west-1")],
                xml("PermanentRedirect"),
                false,
                Cause::OtherRegion(Some("eu-west-1".into())),
            ),
            (
                Dialect::S3,
                400,
                vec![],
                "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-central-1</Region></Error>".into(),
                false,
                Cause::OtherRegion(Some("eu-central-1".into())),
            ),
        ] {
            let failure = of(dialect, status, &headers, &body, put);
            assert_eq!(failure.cause, cause, "{dialect:?} {status} {body}");
            assert!(!failure.to_string().contains("s3cr3t"));
        }
    }
}
