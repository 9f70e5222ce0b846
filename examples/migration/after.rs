//! Gathers what a weather station reads, until Ctrl-C. What fails is told, and
//! begins again; what stops, stops in good time.

mod station;

use std::env::temp_dir;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::mem::take;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use supervise::{ShutdownError, Supervisor, supervised};
use tokio::time::{interval, sleep};
use tracing::{info, warn};

use crate::station::Station;

type Readings = Arc<Mutex<Vec<i32>>>;

#[tokio::main]
async fn main() -> Result<(), ShutdownError> {
    tracing_subscriber::fmt().init();
    let readings = Readings::default();
    let (archive, archived) = mpsc::channel();

    let supervisor = Supervisor::new();
    supervisor.spawn_blocking(|| store(archived));
    supervisor.spawn(listen(readings.clone(), archive));
    supervisor.spawn(report(readings));
    supervisor.wait().await
}

#[supervised(name = "report", restart = true)]
async fn report(readings: Readings) {
    loop {
        sleep(Duration::from_secs(1)).await;
        let readings = take(&mut *readings.lock().unwrap());
        info!(highest = readings.iter().max().unwrap(), "reported");
    }
}

/// Connects again when the line is lost.
#[supervised(name = "listen", restart = true, backoff = "2s..1m")]
async fn listen(readings: Readings, archive: Sender<i32>) -> io::Result<()> {
    let station = Station::connect().await?;
    supervise::spawn_child(keep_alive(station.clone()));
    loop {
        let reading = station.read().await?;
        if reading > 30 {
            supervise::spawn(warn_of_heat(reading));
        }
        readings.lock().unwrap().push(reading);
        archive.send(reading).unwrap();
    }
}

async fn keep_alive(station: Arc<Station>) {
    let mut second = interval(Duration::from_secs(1));
    loop {
        second.tick().await;
        station.ping();
    }
}

async fn warn_of_heat(reading: i32) {
    sleep(Duration::from_millis(100)).await;
    warn!(reading, "hot");
}

#[supervised(blocking, name = "store", restart = true)]
fn store(#[keep] archived: Receiver<i32>) -> io::Result<()> {
    let mut file = File::options();
    let file = file.create(true).append(true);
    let mut file = BufWriter::new(file.open(temp_dir().join("readings.txt"))?);
    while let Ok(reading) = archived.recv() {
        writeln!(file, "{reading}")?;
    }
    file.flush()
}
