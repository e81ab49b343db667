//! Signs requests as AWS wants it, Signature Version 4.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::hmac::digest;
use crate::config::settings::HmacAlgorithm;
use crate::extract::api::error::ApiError;
use crate::extract::api::request::{Prepared, encode, header};
use crate::figures::hex;

/// Whose signature, and for which service.
#[derive(Debug)]
pub(in crate::extract::api) struct Sigv4 {
    pub(super) region: String,
    pub(super) service: String,
    pub(super) access_key: String,
    pub(super) secret_key: String,
    pub(super) session_token: Option<String>,
}

impl Sigv4 {
    /// Adds the headers of the signature.
    pub(super) fn sign(&self, request: &mut Prepared, now: DateTime<Utc>) -> Result<(), ApiError> {
        let time = now.format("%Y%m%dT%H%M%SZ").to_string();
        let day = &time[..8];
        let payload = hex(&Sha256::digest(request.body.as_deref().unwrap_or_default().as_bytes()));
        header(&mut request.headers, "x-amz-date", &time)?;
        if self.service == "s3" {
            header(&mut request.headers, "x-amz-content-sha256", &payload)?;
        }
        if let Some(token) = &self.session_token {
            header(&mut request.headers, "x-amz-security-token", token)?;
        }
        let host = match (request.url.host_str(), request.url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (host, _) => host.unwrap_or_default().to_owned(),
        };
        let mut signed = vec![("host".to_owned(), host)];
        for name in ["x-amz-date", "x-amz-content-sha256", "x-amz-security-token"] {
            if let Some(value) = request.headers.get(name).and_then(|value| value.to_str().ok()) {
                signed.push((name.to_owned(), value.trim().to_owned()));
            }
        }
        signed.sort();
        let names: Vec<&str> = signed.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let headers: Vec<String> = signed.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let headers = headers.concat();
        let canonical = format!(
            "{}\n{}\n{}\n{headers}\n{names}\n{payload}",
            request.method,
            self.path(request.url.path()),
            query(request)
        );
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(&Sha256::digest(canonical.as_bytes())));
        let mut key = format!("AWS4{}", self.secret_key).into_bytes();
        for part in [day, &self.region, &self.service, "aws4_request"] {
            key = digest(HmacAlgorithm::Sha256, &key, part.as_bytes())?;
        }
        let signature = hex(&digest(HmacAlgorithm::Sha256, &key, text.as_bytes())?);
        let proof = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
            self.access_key
        );
        header(&mut request.headers, "Authorization", &proof)
    }

    /// Every service but S3 encodes the path a second time.
    fn path(&self, path: &str) -> String {
        if self.service == "s3" {
            return path.to_owned();
        }
        let segments: Vec<String> = path.split('/').map(encode).collect();
        segments.join("/")
    }
}

/// The query in the order of names and values.
fn query(request: &Prepared) -> String {
    let mut pairs: Vec<(String, String)> =
        request.url.query_pairs().map(|(name, value)| (encode(&name), encode(&value))).collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_published_examples() {
        let signer = Sigv4 {
            region: "us-east-1".into(),
            service: "service".into(),
            access_key: "AKIDEXAMPLE".into(),
            secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            session_token: None,
        };
        let now: DateTime<Utc> = "2015-08-30T12:36:00Z".parse().unwrap();
        for (url, signature) in [
            ("https://example.amazonaws.com/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            (
                "https://example.amazonaws.com/?Param2=value2&Param1=value1",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
        ] {
            let mut request = Prepared {
                method: http::Method::GET,
                url: url.parse().unwrap(),
                shown: String::new(),
                headers: http::HeaderMap::new(),
                body: None,
                shown_body: None,
            };
            signer.sign(&mut request, now).unwrap();
            let proof = request.headers["authorization"].to_str().unwrap();
            assert_eq!(
                proof,
                format!(
                    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                     SignedHeaders=host;x-amz-date, Signature={signature}"
                )
            );
        }
    }
}
