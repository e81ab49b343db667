//! Real services under the contract of stores: SeaweedFS speaks S3, Azurite speaks Azure.
//!
//! Needs `scripts/services.sh run`, which `make test` uses; without it these tests are left out.

#![expect(clippy::expect_used, clippy::panic, reason = "a failed expectation is what a test reports")]
#![expect(clippy::print_stdout, reason = "a fault matrix says what it met")]

mod stores {
    pub(crate) mod support;

    mod contract;
    mod faults;
    mod journey;
    mod processes;
    mod refusals;
    mod sources;
    mod upkeep;
}
