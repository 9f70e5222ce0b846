//! A service that panics where it is told to.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::thread;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use supervise::WorkerStatus;
use supervise::tower::{Supervised, SupervisedLayer};
use tower::{Layer, Service, ServiceExt};

/// Where it panics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum At {
    #[default]
    Nowhere,
    PollReady,
    Call,
    Future,
    DropFuture,
    /// Instead of the frame of this number; the body has three.
    Frame(usize),
    IsEndStream,
    SizeHint,
    DropBody,
}

/// Answers `abc`, in three frames.
#[derive(Clone, Debug, Default)]
pub struct Abc(Arc<Mutex<At>>);

impl Abc {
    pub fn panics(at: At) -> Self {
        supervise::log_panics_only();
        Self(Arc::new(Mutex::new(at)))
    }

    /// From here on, all clones included.
    pub fn set(&self, at: At) {
        *self.0.lock().unwrap() = at;
    }

    fn pass(&self, here: At) {
        let at = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if at == here && !thread::panicking() {
            assert!(supervise::is_supervised());
            panic!("in {here:?}");
        }
    }
}

impl<T> Service<Request<T>> for Abc {
    type Response = Response<AbcBody>;
    type Error = Infallible;
    type Future = AbcFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.pass(At::PollReady);
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<T>) -> AbcFuture {
        self.pass(At::Call);
        let service = self.clone();
        let polls = 0;
        AbcFuture { service, polls }
    }
}

/// Pending once.
pub struct AbcFuture {
    service: Abc,
    polls: u32,
}

impl Future for AbcFuture {
    type Output = Result<Response<AbcBody>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.polls += 1;
        if self.polls == 1 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        assert_eq!(self.polls, 2, "polled after it was over");
        self.service.pass(At::Future);
        let (service, frame) = (self.service.clone(), 0);
        Poll::Ready(Ok(Response::new(AbcBody { service, frame })))
    }
}

impl Drop for AbcFuture {
    fn drop(&mut self) {
        self.service.pass(At::DropFuture);
    }
}

#[derive(Debug)]
pub struct AbcBody {
    service: Abc,
    frame: usize,
}

impl Body for AbcBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let frame = self.frame;
        self.frame += 1;
        self.service.pass(At::Frame(frame));
        let data = b"abc".get(frame..=frame).map(Bytes::from_static);
        Poll::Ready(data.map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.service.pass(At::IsEndStream);
        self.frame > 3
    }

    fn size_hint(&self) -> SizeHint {
        self.service.pass(At::SizeHint);
        SizeHint::with_exact(3 - self.frame.min(3) as u64)
    }
}

impl Drop for AbcBody {
    fn drop(&mut self) {
        self.service.pass(At::DropBody);
    }
}

/// The service, and the same behind the layer `name`.
pub fn supervised(name: &'static str, at: At) -> (Abc, Supervised<Abc>) {
    let service = Abc::panics(at);
    let supervised = SupervisedLayer::new(name).layer(service.clone());
    (service, supervised)
}

pub fn get(path: &str) -> Request<()> {
    Request::get(path).body(()).unwrap()
}

pub fn grpc(content_type: &str) -> Request<()> {
    let request = Request::post("/shop.Orders/List").header(CONTENT_TYPE, content_type);
    request.body(()).unwrap()
}

/// What the service answers, once it is ready.
pub async fn answer<S, R, B>(service: &mut S, request: Request<R>) -> Response<B>
where
    S: Service<Request<R>, Response = Response<B>, Error = Infallible>,
{
    service.ready().await.unwrap().call(request).await.unwrap()
}

/// What there is to know of the requests that have passed the layer `name`.
pub fn requests(name: &str) -> WorkerStatus {
    let mut workers = supervise::workers();
    workers.retain(|worker| worker.name == name && worker.kind == supervise::Kind::Request);
    workers.pop().unwrap()
}

/// All that a client gets of a body: its data, the trailers' `grpc-status`, and the
/// error that it broke off with.
pub async fn read<B>(body: B) -> (String, Option<String>, Option<B::Error>)
where
    B: Body<Data = Bytes>,
{
    let mut body = std::pin::pin!(body);
    let (mut text, mut status) = (String::new(), None);
    let error = std::future::poll_fn(|cx| {
        loop {
            match ready!(body.as_mut().poll_frame(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(error)),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => text.push_str(std::str::from_utf8(&data).unwrap()),
                    Err(frame) => {
                        let trailers = frame.into_trailers().unwrap();
                        let value = trailers.get("grpc-status").unwrap();
                        status = Some(value.to_str().unwrap().to_owned());
                    }
                },
            }
        }
    });
    let error = error.await;
    if error.is_some() || status.is_some() {
        assert!(body.is_end_stream());
    }
    (text, status, error)
}
