//! Edge: what is known of a plant, over HTTP. `/healthz`, `/readyz`, `/metrics`, and `/api/v1` with the structs of NDJSON.
//!
//! What it shows comes from a [`Plant`]; it knows no store and no judge. Requests only read: nothing that anybody sends changes
//! anything. Every answer is worked out on a thread of its own, so that a slow or broken one costs nobody else; what anybody who can
//! reach the port may cost is capped in `model/limits/web.rs`.
//!
//! ARCHITECTURE INVARIANT: no request waits for the plant to be judged, and none is answered before its host, its method and its
//! token were looked at.

mod answer;
mod api;
mod asked;
mod guard;
mod listen;
mod metrics;
mod plant;
mod ready;
mod slow;
mod tally;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use axum::routing::get;
use tokio::sync::Semaphore;

use crate::model::limits::{WEB_ANSWERS_AT_ONCE_MAX, WEB_TURN_SECONDS_MAX, WEB_UNDER_WAY_KIB_MAX};

pub use guard::{Hosts, Rules, Token, TokenError};
pub use listen::serve;
pub use plant::{Look, Plant, Question, Refused, Sensor, Standing};

use answer::{Answer, Problem};
use asked::Asked;
use tally::Tally;

/// All that requests are answered from.
struct Web {
    plant: Arc<dyn Plant>,
    rules: Rules,
    tally: Tally,
    /// Room for answers on their way.
    room: Arc<Semaphore>,
    /// Turns of questions about the plant.
    turns: Arc<Semaphore>,
}

/// Something that can be asked for.
struct Route {
    path: &'static str,
    /// Parameters that it knows.
    parameters: &'static [&'static str],
    cost: Cost,
    answer: fn(&Web, &Asked) -> Result<Answer, Problem>,
}

/// What an answer costs.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Cost {
    /// Nothing: it is given at once, whatever else goes on.
    Nothing,
    /// Little: it must be there also when many ask for what costs more.
    Little,
    /// A core for a while: it waits for its turn.
    Turn,
}

impl Web {
    fn new(plant: Arc<dyn Plant>, rules: Rules) -> Self {
        let (room, turns) = (WEB_UNDER_WAY_KIB_MAX, WEB_ANSWERS_AT_ONCE_MAX);
        let [room, turns] = [room, turns].map(|permits| Arc::new(Semaphore::new(permits)));
        Self { plant, rules, tally: Tally::default(), room, turns }
    }

    /// Takes a look at the plant, and gives what `told` makes of it.
    fn look<T>(
        &self,
        question: &Question<'_>,
        told: impl FnOnce(&Look<'_>) -> T,
    ) -> Result<T, Problem> {
        let (mut told, mut made) = (Some(told), None);
        self.plant.look(question, &mut |look| made = told.take().map(|told| told(look)))?;
        made.ok_or_else(|| Problem::internal("the plant showed nothing".to_owned()))
    }

    /// Answers a request that was let in.
    async fn answer(self: Arc<Self>, route: &'static Route, request: Request) -> Response<Body> {
        let begun = Instant::now();
        let asked = Asked::new(request.uri(), request.headers(), route.parameters);
        drop(request);
        let web = Arc::clone(&self);
        let answer = match asked {
            Ok(asked) if route.cost == Cost::Nothing => (route.answer)(&web, &asked),
            Ok(asked) => self.worked_out(route, asked).await,
            Err(problem) => Err(problem),
        };
        let response = answer.unwrap_or_else(Answer::from).response(&web.room);
        web.told(route.path, &response, begun);
        response
    }

    /// Works an answer out beside what else goes on. A panic costs this answer and nothing more.
    async fn worked_out(
        self: Arc<Self>,
        route: &'static Route,
        asked: Asked,
    ) -> Result<Answer, Problem> {
        let _turn = if route.cost == Cost::Turn {
            let turn = Arc::clone(&self.turns).acquire_owned();
            let turn = tokio::time::timeout(TURN, turn).await;
            Some(turn.ok().and_then(Result::ok).ok_or_else(Problem::busy)?)
        } else {
            None
        };
        let web = Arc::clone(&self);
        let work = tokio::task::spawn_blocking(move || (route.answer)(&web, &asked));
        work.await.unwrap_or_else(|error| {
            tally::one(&self.tally.panics);
            tracing::error!(route = route.path, "an answer broke: {error}");
            Err(Problem::internal("the answer broke on an error of the program".to_owned()))
        })
    }

    /// Counts an answer, and logs it.
    fn told(&self, route: &'static str, response: &Response<Body>, begun: Instant) {
        let (status, took) = (response.status().as_u16(), begun.elapsed());
        self.tally.answered(route, status, took);
        tracing::info!(route, status, took_ms = took.as_millis(), "answered");
    }
}

/// All routes, each behind the guard.
fn router(web: &Arc<Web>) -> Router {
    let routes = ROUTES.iter().fold(Router::new(), |router, route| {
        let web = Arc::clone(web);
        router.route(route.path, get(move |request| Arc::clone(&web).answer(route, request)))
    });
    let missing = {
        let web = Arc::clone(web);
        move || async move {
            let response = Answer::from(Problem::not_found("such page")).response(&web.room);
            web.told("none", &response, Instant::now());
            response
        }
    };
    let guard = axum::middleware::from_fn_with_state(Arc::clone(web), guard::guard);
    routes.fallback(missing).layer(guard)
}

const TURN: Duration = Duration::from_secs(WEB_TURN_SECONDS_MAX);
const LISTED: &[&str] = &["where", "sort", "limit", "after"];
const OF_DEVICE: &[&str] = &["asset", "where", "limit", "after"];
const PAGES: &[&str] = &["limit", "after"];

const ROUTES: &[Route] = &[
    Route { path: "/healthz", parameters: &[], cost: Cost::Nothing, answer: ready::healthz },
    Route { path: "/readyz", parameters: &[], cost: Cost::Little, answer: ready::readyz },
    Route { path: "/metrics", parameters: &[], cost: Cost::Little, answer: metrics::metrics },
    Route {
        path: "/api/v1/openapi.json",
        parameters: &[],
        cost: Cost::Nothing,
        answer: api::openapi,
    },
    Route { path: "/api/v1/health", parameters: &[], cost: Cost::Little, answer: api::health },
    Route { path: "/api/v1/run", parameters: &[], cost: Cost::Turn, answer: api::run },
    Route { path: "/api/v1/assets", parameters: LISTED, cost: Cost::Turn, answer: api::assets },
    Route { path: "/api/v1/assets/{id}", parameters: &[], cost: Cost::Turn, answer: api::asset },
    Route {
        path: "/api/v1/findings",
        parameters: &["asset", "where", "sort", "limit", "after"],
        cost: Cost::Turn,
        answer: api::findings,
    },
    Route {
        path: "/api/v1/findings/{id}",
        parameters: &[],
        cost: Cost::Turn,
        answer: api::finding,
    },
    Route {
        path: "/api/v1/conversations",
        parameters: OF_DEVICE,
        cost: Cost::Turn,
        answer: api::conversations,
    },
    Route { path: "/api/v1/facts", parameters: OF_DEVICE, cost: Cost::Turn, answer: api::facts },
    Route {
        path: "/api/v1/advisories",
        parameters: PAGES,
        cost: Cost::Turn,
        answer: api::advisories,
    },
    Route { path: "/api/v1/events", parameters: PAGES, cost: Cost::Turn, answer: api::events },
];
