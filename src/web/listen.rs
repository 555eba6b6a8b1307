//! The port: connections in, up to a number, each for a time.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

use crate::model::limits::{
    WEB_CONNECTION_SECONDS_MAX, WEB_CONNECTIONS_MAX, WEB_HEAD_BYTES_MAX, WEB_HEAD_SECONDS_MAX,
    WEB_HEADERS_MAX, WEB_STALL_SECONDS_MAX, WEB_STOP_SECONDS_MAX, WEB_TURNED_AWAY_MAX,
};
use crate::web::guard::Rules;
use crate::web::plant::Plant;
use crate::web::slow::Impatient;
use crate::web::{Web, router, tally};

/// Serves a plant until `stop` is there. Answers under way are then given out, within a few seconds.
pub async fn serve(
    listener: TcpListener,
    plant: Arc<dyn Plant>,
    rules: Rules,
    stop: impl Future<Output = ()>,
) {
    let web = Arc::new(Web::new(plant, rules));
    let port = Port {
        service: TowerToHyperService::new(router(&web)),
        stopping: watch::Sender::new(false),
        web,
    };
    let places = Arc::new(Semaphore::new(WEB_CONNECTIONS_MAX));
    let standing_room = Arc::new(Semaphore::new(WEB_TURNED_AWAY_MAX));
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
            // What ended is forgotten at once, so that the set stays as small as the places.
            Some(_) = connections.join_next() => continue,
        };
        match accepted {
            Ok((stream, _)) => match Arc::clone(&places).try_acquire_owned() {
                Ok(place) => drop(connections.spawn(port.attend(stream, place))),
                Err(_) => {
                    tally::one(&port.web.tally.turned_away);
                    tracing::warn!("a connection was turned away: {WEB_CONNECTIONS_MAX} are there");
                    if let Ok(place) = Arc::clone(&standing_room).try_acquire_owned() {
                        connections.spawn(turn_away(stream, place));
                    }
                }
            },
            // Out of descriptors, as a rule: the next one may find some.
            Err(error) => {
                tracing::warn!("a connection could not be taken: {error}");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    port.stopping.send_replace(true);
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(STOP, ended).await.is_err() {
        tracing::warn!("{} connections were cut at the end", connections.len());
    }
}

/// What connections are attended with.
struct Port {
    service: TowerToHyperService<axum::Router>,
    stopping: watch::Sender<bool>,
    web: Arc<Web>,
}

impl Port {
    /// Answers the requests of one connection.
    fn attend(
        &self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        place: OwnedSemaphorePermit,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (service, web) = (self.service.clone(), Arc::clone(&self.web));
        let mut stopping = self.stopping.subscribe();
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_buf_size(WEB_HEAD_BYTES_MAX)
            .max_headers(WEB_HEADERS_MAX)
            .half_close(true);
        async move {
            let connections = &web.tally.connections;
            connections.fetch_add(1, Ordering::Relaxed);
            let stream = TokioIo::new(Impatient::new(stream, STALL, Arc::clone(&web)));
            let connection = http.serve_connection(stream, service);
            tokio::pin!(connection);
            let served = tokio::select! {
                served = connection.as_mut() => Some(served),
                _ = stopping.wait_for(|stopping| *stopping) => None,
                () = tokio::time::sleep(LIFE) => None,
            };
            let served = match served {
                Some(served) => served,
                None => {
                    connection.as_mut().graceful_shutdown();
                    // What is under way may still go out.
                    tokio::time::timeout(LAST, connection).await.unwrap_or(Ok(()))
                }
            };
            if let Err(error) = served {
                tracing::debug!("a connection ended: {error}");
            }
            connections.fetch_sub(1, Ordering::Relaxed);
            drop(place);
        }
    }
}

/// Says that there is no room, and waits a moment for the other side to hear it: closing at once would take the words back.
async fn turn_away(mut stream: impl AsyncRead + AsyncWrite + Unpin, place: OwnedSemaphorePermit) {
    let farewell = async {
        stream.write_all(FULL.as_bytes()).await?;
        stream.shutdown().await?;
        let mut unread = [0; 1_024];
        while stream.read(&mut unread).await? > 0 {}
        io::Result::Ok(())
    };
    let _ = tokio::time::timeout(FAREWELL, farewell).await;
    drop(place);
}

const HEAD: Duration = Duration::from_secs(WEB_HEAD_SECONDS_MAX);
const STALL: Duration = Duration::from_secs(WEB_STALL_SECONDS_MAX);
const LIFE: Duration = Duration::from_secs(WEB_CONNECTION_SECONDS_MAX);
const STOP: Duration = Duration::from_secs(WEB_STOP_SECONDS_MAX);
/// After its life a connection has this long for its last answer.
const LAST: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(100);
const FAREWELL: Duration = Duration::from_secs(2);
const FULL: &str = "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\
    content-type: application/json\r\ncontent-length: 111\r\nretry-after: 2\r\n\
    content-security-policy: default-src 'none'\r\nx-content-type-options: nosniff\r\n\r\n\
    {\"error\":{\"code\":\"full\",\"text\":\"all connections are taken\",\"hint\":\"ask again in a moment; close unused ones\"}}\n";
