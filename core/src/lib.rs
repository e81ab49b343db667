//! The engine of Medallion Workbench.
//!
//! Owns everything that has meaning: reading configuration, extracting records, landing Bronze,
//! promoting Silver, and answering questions about the result. Never prints, and never reads the
//! clock, the environment or the current directory by itself: those come in through [`world`].
//!
//! [`api`] is the one door. Front ends (terminal, desktop, command line, web) call it and nothing
//! else; every other module is private. [`world`] is what a front end hands in. [`ext`] is for those who
//! add a kind of storage.

pub mod api;
pub mod ext;
pub mod figures;
pub mod world;

mod batch;
mod bronze;
mod cancel;
mod config;
mod diagnostic;
mod doctor;
mod error;
mod event;
mod extract;
mod join;
mod nearest;
mod publish;
mod query;
mod run;
mod scaffold;
mod scratch;
mod silver;
mod storage;
mod upkeep;
mod watch;
