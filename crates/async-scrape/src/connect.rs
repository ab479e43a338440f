//! When a connection was made: the client hides it in the wait for the answer, and on a timeline one wants to see it.

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

/// Awaits this, and says when it was connecting: not at all, if a connection was there. Needs a client with the [`Noting`] layer.
pub async fn noted<F: Future>(future: F) -> (F::Output, Option<(Instant, Instant)>) {
    CONNECTED
        .scope(Cell::new(None), async {
            let output = future.await;
            (output, CONNECTED.with(Cell::get))
        })
        .await
}

/// A layer around whatever makes connections.
#[derive(Debug, Clone)]
pub struct Noting;

impl<S> Layer<S> for Noting {
    type Service = Connecting<S>;

    fn layer(&self, inner: S) -> Connecting<S> {
        Connecting(inner)
    }
}

/// What makes connections, and notes when.
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
            // A connection that another request was faster to need is finished by nobody's task, and nobody waits for it.
            let _ = CONNECTED.try_with(|noted| noted.set(Some((since, Instant::now()))));
            connection
        })
    }
}
