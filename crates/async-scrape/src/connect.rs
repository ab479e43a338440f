//! When connections were made. To the client that is a part of the wait for an answer; a timeline
//! shows it apart.

use std::cell::Cell;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use tower_layer::Layer;
use tower_service::Service;

tokio::task_local! {
    /// From when to when the task that is being polled was connecting.
    static CONNECTED: Cell<Option<(Instant, Instant)>>;
}

/// Awaits a request, and returns with its output from when to when it was connecting. That is
/// `None` if an open connection was used. The request's client needs the layer [`TimeConnects`].
pub async fn timed<F: Future>(future: F) -> (F::Output, Option<(Instant, Instant)>) {
    CONNECTED
        .scope(Cell::new(None), async {
            let output = future.await;
            (output, CONNECTED.with(Cell::get))
        })
        .await
}

/// Whether the request that is being [timed] uses a connection that was open before it.
pub fn is_reused() -> bool {
    CONNECTED
        .try_with(|connected| connected.get().is_none())
        .unwrap_or(false)
}

/// A layer around the connector of a client, for [`timed`].
#[derive(Debug, Clone)]
pub struct TimeConnects;

impl<S> Layer<S> for TimeConnects {
    type Service = Connecting<S>;

    fn layer(&self, inner: S) -> Connecting<S> {
        Connecting(inner)
    }
}

/// A connector that notes when it made connections.
#[derive(Debug, Clone)]
pub struct Connecting<S>(S);

impl<S, R> Service<R> for Connecting<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let connecting = self.0.call(request);
        let since = Instant::now();
        Box::pin(async move {
            let connection = connecting.await;
            // Fails outside a request: a connection that lost the race to another one is completed
            // in the background, and no request waits for it.
            let _ = CONNECTED.try_with(|connected| connected.set(Some((since, Instant::now()))));
            connection
        })
    }
}
