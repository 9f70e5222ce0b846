//! The service's visitors: a light stream of HTTP requests, each with a name
//! that was not seen before, so that a cache which is not cleaned up grows.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

pub async fn visit(address: SocketAddr) -> ! {
    let mut visitor = 0_u64;
    loop {
        visitor += 1;
        // One who is not served is not missed: the next one is on the way.
        let _ = greet(address, visitor).await;
        sleep(Duration::from_millis(100)).await;
    }
}

async fn greet(address: SocketAddr, visitor: u64) -> io::Result<()> {
    let request = format!(
        "GET /greet/visitor-{visitor} HTTP/1.1\r\n\
         Host: {address}\r\n\
         Connection: close\r\n\r\n"
    );
    let mut connection = TcpStream::connect(address).await?;
    connection.write_all(request.as_bytes()).await?;
    connection.read_to_end(&mut Vec::new()).await?;
    Ok(())
}
