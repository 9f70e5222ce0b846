//! Workers of which none is of use without the others: one function joins them,
//! and that function is restarted. Its failed run drops those that are left.

use std::error::Error;
use std::io;

use supervise::{Supervisor, supervised};
use tokio::task::JoinSet;
use tokio::try_join;

use crate::part::Part;

static READER: Part = Part::new("reader");
static WRITER: Part = Part::failing("writer", 1, 200);

/// Two halves of one connection.
#[supervised(name = "link", restart = true, backoff = "200ms")]
async fn link() -> io::Result<()> {
    try_join!(READER.work(), WRITER.work())?;
    Ok(())
}

static SHARDS: [Part; 3] = [
    Part::new("shard 0"),
    Part::new("shard 1"),
    Part::failing("shard 2", 1, 600),
];

/// As many as there are, each in a task of its own; the first that ends is the end
/// of the run. To drop the set would stop the others, too, but not wait until
/// they are gone.
#[supervised(name = "shards", restart = true, backoff = "200ms")]
async fn shards() -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut shards: JoinSet<_> = SHARDS.iter().map(Part::work).collect();
    let first = shards.join_next().await;
    shards.shutdown().await;
    first.map_or(Ok(()), |ended| Ok(ended??))
}

pub fn spawn(supervisor: &Supervisor) {
    supervisor.spawn(link());
    supervisor.spawn(shards());
}
