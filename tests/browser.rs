//! The page about the workers in a real browser: as it is rendered, not as it is
//! written.

// Browsers are killed with the command `kill`.
#![cfg(unix)]

#[path = "browser/driver.rs"]
mod driver;
#[path = "browser/incident.rs"]
mod incident;
#[path = "browser/look.rs"]
mod look;
#[path = "browser/pages.rs"]
mod pages;
#[path = "browser/pictures.rs"]
mod pictures;
mod program;
#[path = "browser/refresh.rs"]
mod refresh;
#[path = "browser/scene.rs"]
mod scene;
