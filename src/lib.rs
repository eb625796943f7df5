//! wsctl
pub mod aws;
pub mod cli;
pub mod commands;
pub mod diff;
pub mod duration;
pub mod engine;
pub mod error;
pub mod kind;
pub mod kinds;
pub mod package;
pub mod plan;
pub mod sandbox;
pub mod stack;
pub mod value;
pub mod view;
