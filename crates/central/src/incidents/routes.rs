//! The endpoints for after a data incident.

use async_trait::async_trait;
use axum::Json;
use axum::extract::State;
use lac_domain::{EnrolmentId, LinkId, MessageId};
use lac_wire::{ErrorReply, MessageReport, SightReport, WithdrawMessage};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::message_report::report;
use super::sight;
use super::withdraw::Withdraw;
use crate::error::Failure;
use crate::http::{ApiError, Body, IdempotencyKey, PathOf, Session};
use crate::store::Store;
use crate::writer::{Job, Tx};

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(message_report))
        .routes(routes!(withdraw_message))
        .routes(routes!(link_report))
        .routes(routes!(enrolment_report))
}

/// Who could see a message, who read it, and whose devices took it. That the report was made is put into the trail.
#[utoipa::path(get, path = "/v1/messages/{id}/report", tag = "incidents", params(("id" = MessageId, Path)),
    responses((status = 200, body = MessageReport), (status = "4XX", body = ErrorReply)))]
async fn message_report(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<MessageId>,
) -> Result<Json<MessageReport>, ApiError> {
    let made = report(&store, session.scope, id).await?;
    note(&store, session, "message.reported", "message", id.0).await?;
    Ok(Json(made))
}

/// Withdraws a message from everyone: its text and its files are given to nobody any more, and go from the devices that
/// hold them. It asks for the password again.
#[utoipa::path(post, path = "/v1/messages/{id}/withdrawal", tag = "incidents", params(("id" = MessageId, Path)),
    request_body = WithdrawMessage,
    responses((status = 200, body = MessageReport), (status = "4XX", body = ErrorReply)))]
async fn withdraw_message(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<MessageId>,
    key: IdempotencyKey,
    Body(asked): Body<WithdrawMessage>,
) -> Result<Json<MessageReport>, ApiError> {
    let scope = session.scope;
    scope.require_super_user()?;
    session.require_recent_password(&store)?;
    let once = key.once(&store, &asked)?;
    let job = Withdraw {
        scope,
        message: id,
        asked,
    };
    let id = store.run_once(scope.user, once, job).await?;
    Ok(Json(report(&store, scope, id).await?))
}

/// Whom a user could see through a link, and whom they did see. That the report was made is put into the trail.
#[utoipa::path(get, path = "/v1/links/{id}/report", tag = "incidents", params(("id" = LinkId, Path)),
    responses((status = 200, body = SightReport), (status = "4XX", body = ErrorReply)))]
async fn link_report(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<LinkId>,
) -> Result<Json<SightReport>, ApiError> {
    let made = sight::of_link(&store, session.scope, id).await?;
    note(&store, session, "link.reported", "link", id.0).await?;
    Ok(Json(made))
}

/// Who could see a pupil through an enrolment, and who did. That the report was made is put into the trail.
#[utoipa::path(get, path = "/v1/enrolments/{id}/report", tag = "incidents", params(("id" = EnrolmentId, Path)),
    responses((status = 200, body = SightReport), (status = "4XX", body = ErrorReply)))]
async fn enrolment_report(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<EnrolmentId>,
) -> Result<Json<SightReport>, ApiError> {
    let made = sight::of_enrolment(&store, session.scope, id).await?;
    note(&store, session, "enrolment.reported", "enrolment", id.0).await?;
    Ok(Json(made))
}

async fn note(
    store: &Store,
    session: Session,
    action: &'static str,
    kind: &'static str,
    id: Uuid,
) -> Result<(), ApiError> {
    store.run(Some(session.scope.user), Reported(action, kind, id)).await?;
    Ok(())
}

/// Notes that a report was made, before it is given out.
struct Reported(&'static str, &'static str, Uuid);

#[async_trait]
impl Job for Reported {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        tx.audit(self.0, self.1, Some(self.2), &serde_json::json!({}));
        Ok(())
    }
}
