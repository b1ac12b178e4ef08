//! Conversations and messages.

mod unread;

use utoipa_axum::router::OpenApiRouter;

pub(crate) use unread::unread_count;

use crate::store::Store;

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
}
