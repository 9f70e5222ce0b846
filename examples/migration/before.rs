//! Gathers what a weather station reads, until Ctrl-C: a service as there are
//! many. What it spawns is let go of, and nobody knows whether it still runs.

#![expect(clippy::disallowed_methods, reason = "these are what is to go")]

mod station;

use std::env::temp_dir;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::mem::take;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{interval, sleep};
use tracing::{info, warn};

use crate::station::Station;

type Readings = Arc<Mutex<Vec<i32>>>;

type Stop = watch::Receiver<bool>;

#[tokio::main]
async fn main() -> io::Result<()> {
    tracing_subscriber::fmt().init();
    let readings = Readings::default();
    let (archive, archived) = mpsc::channel();
    let (stop, stopped) = watch::channel(false);

    thread::spawn(move || store(&archived));
    tokio::spawn(listen(readings.clone(), archive, stopped));
    tokio::spawn(async move {
        loop {
            sleep(Duration::from_secs(1)).await;
            let readings = take(&mut *readings.lock().unwrap());
            info!(highest = readings.iter().max().unwrap(), "reported");
        }
    });

    tokio::signal::ctrl_c().await?;
    stop.send_replace(true);
    // That should be enough.
    sleep(Duration::from_millis(500)).await;
    Ok(())
}

/// Connects again when the line is lost.
async fn listen(readings: Readings, archive: Sender<i32>, mut stop: Stop) {
    loop {
        let stopped = stop.clone();
        tokio::select! {
            Err(error) = follow(&readings, &archive, stopped) => warn!(%error, "line lost"),
            _ = stop.changed() => return,
        }
        sleep(Duration::from_secs(2)).await;
    }
}

async fn follow(readings: &Readings, archive: &Sender<i32>, stop: Stop) -> io::Result<()> {
    let station = Station::connect().await?;
    tokio::spawn(keep_alive(station.clone(), stop));
    loop {
        let reading = station.read().await?;
        if reading > 30 {
            tokio::spawn(warn_of_heat(reading));
        }
        readings.lock().unwrap().push(reading);
        archive.send(reading).unwrap();
    }
}

async fn keep_alive(station: Arc<Station>, stop: Stop) {
    let mut second = interval(Duration::from_secs(1));
    while !*stop.borrow() {
        second.tick().await;
        station.ping();
    }
}

async fn warn_of_heat(reading: i32) {
    sleep(Duration::from_millis(100)).await;
    warn!(reading, "hot");
}

fn store(archived: &Receiver<i32>) -> io::Result<()> {
    let mut file = File::options();
    let file = file.create(true).append(true);
    let mut file = BufWriter::new(file.open(temp_dir().join("readings.txt"))?);
    while let Ok(reading) = archived.recv() {
        writeln!(file, "{reading}")?;
    }
    file.flush()
}
