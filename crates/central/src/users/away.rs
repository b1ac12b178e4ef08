//! Users who are away until a day, with somebody who covers for them.

use async_trait::async_trait;
use axum::Json;
use axum::extract::State;
use chrono::{Months, NaiveDate};
use lac_domain::UserId;
use lac_wire::{Away, ErrorReply, Me, Recipient, SetAway};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::links;
use super::tell::{Told, tell};
use crate::accounts::me;
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::http::{ApiError, Body, IdempotencyKey, Session};
use crate::messages::{candidates, require_seen};
use crate::scope::Scope;
use crate::storage::Conn;
use crate::store::Store;
use crate::writer::{Job, Tx};

/// For how long somebody may say that they are away.
const LONGEST: Months = Months::new(12);

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new().routes(routes!(set_away))
}

/// SQL that joins, to the row of `users` `u`, that they are away as the reader may see it: `a.until_on`, and `cover.id`
/// where the reader may write to who covers. **`$2` is the day.**
pub(crate) fn joined(scope: Scope) -> String {
    format!(
        "LEFT JOIN away a ON a.user_id = u.id AND a.until_on > $2
         LEFT JOIN users cover ON cover.id = a.cover_id AND cover.status <> 'inactive' AND cover.id <> $1 AND {}",
        scope.may_write_to("cover")
    )
}

/// Whether a user is away, as they see it themselves.
///
/// # Errors
/// When the database fails.
pub(crate) async fn own(conn: &mut Conn, user: UserId, today: NaiveDate) -> Result<Option<Away>, StoreError> {
    let sql = "SELECT until_on, cover_id FROM away WHERE user_id = $1 AND until_on > $2";
    let row: Option<(NaiveDate, Option<UserId>)> =
        both!(conn, c => sqlx::query_as(sql).bind(user).bind(today).fetch_optional(c).await)?;
    Ok(row.map(|(until, cover)| Away { until, cover }))
}

struct Set {
    scope: Scope,
    away: SetAway,
}

#[async_trait]
impl Job for Set {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let (user, today) = (self.scope.user, tx.today());
        match self.away.until {
            None => {
                both!(tx.conn(), c => sqlx::query("DELETE FROM away WHERE user_id = $1")
                    .bind(user).execute(c).await.map(|_| ()))?;
            }
            Some(until) => {
                check_day(until, today)?;
                self.check_cover(tx).await?;
                let sql = "INSERT INTO away (user_id, until_on, cover_id) VALUES ($1, $2, $3)
                           ON CONFLICT (user_id) DO UPDATE SET until_on = excluded.until_on, cover_id = excluded.cover_id";
                let cover = self.away.cover;
                both!(tx.conn(), c => sqlx::query(sql).bind(user).bind(until).bind(cover).execute(c).await.map(|_| ()))?;
            }
        }
        let establishments = links::stored(tx, user).await?;
        let told = Told {
            user,
            everyone: self.scope.is_la(),
            establishments: establishments.iter().map(|link| link.establishment_id).collect(),
            shown_otherwise: true,
            entitled_otherwise: false,
        };
        tell(tx, &told).await?;
        let detail = serde_json::json!({ "until": self.away.until, "cover": self.away.cover });
        tx.audit("user.away_set", "user", Some(user.0), &detail);
        Ok(())
    }
}

impl Set {
    /// Somebody whom the user may write to, and who may sign in.
    async fn check_cover(&self, tx: &mut Tx) -> Result<(), Failure> {
        let Some(cover) = self.away.cover else { return Ok(()) };
        let chosen = candidates(tx.conn(), self.scope, &[Recipient::User { id: cover }], None).await?;
        require_seen(&chosen)?;
        if !chosen.iter().any(|one| one.is_reached()) {
            let message = "This person cannot cover for you. Choose somebody else whom you can write to.";
            return Err(Refusal::field("cover", message).into());
        }
        Ok(())
    }
}

fn check_day(until: NaiveDate, today: NaiveDate) -> Result<(), Refusal> {
    if until <= today {
        return Err(Refusal::field(
            "until",
            "Enter the day on which you are back: a day after today.",
        ));
    }
    if today.checked_add_months(LONGEST).is_none_or(|last| until > last) {
        return Err(Refusal::field("until", "Enter a day within the next 12 months."));
    }
    Ok(())
}

/// Says that the user is away until a day, or is back; answers the user as they are then.
#[utoipa::path(put, path = "/v1/me/away", tag = "accounts", request_body = SetAway,
    responses((status = 200, body = Me), (status = "4XX", body = ErrorReply)))]
async fn set_away(
    State(store): State<Store>,
    session: Session,
    key: IdempotencyKey,
    Body(away): Body<SetAway>,
) -> Result<Json<Me>, ApiError> {
    let scope = session.scope;
    let once = key.once(&store, &away)?;
    store.run_once(scope.user, once, Set { scope, away }).await?;
    let mut conn = store.read().await?;
    Ok(Json(me(&mut conn, store.keys(), scope.user, scope.today).await?))
}
