//! Keeping devices up to date: pokes, the held set, and the changes after a cursor.

mod pokes;

use utoipa_axum::router::OpenApiRouter;

pub(crate) use pokes::Pokes;

use crate::store::Store;

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
}

pub(crate) fn events_router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
}
