//! Approving and refusing requests for a colleague.

use async_trait::async_trait;
use lac_domain::{ColleagueRequestId, EstablishmentId, Role, UserId, UserStatus};
use lac_wire::{AddUser, ApproveColleague, ErrorCode, LinkEntry, RefuseColleague, UserEntry};

use crate::both;
use crate::error::{Failure, Refusal};
use crate::users::{add, link, links};
use crate::writer::{Audience, Changed, Job, Tx};

/// The longest reason, in characters.
const REASON_CHARS: usize = 500;

#[derive(sqlx::FromRow)]
struct Row {
    asked_by: UserId,
    establishment_id: EstablishmentId,
    first_name: String,
    last_name: String,
    email: String,
    email_key: String,
    job_title: String,
    state: String,
}

/// The request, while nobody has decided it.
async fn waiting(tx: &mut Tx, id: ColleagueRequestId) -> Result<Row, Failure> {
    let sql = "SELECT asked_by, establishment_id, first_name, last_name, email, email_key, job_title, state
               FROM colleague_requests WHERE id = $1";
    let row: Option<Row> = both!(tx.conn(), c => sqlx::query_as(sql).bind(id).fetch_optional(c).await)?;
    let row = row.ok_or_else(|| Refusal::not_found().denied("colleague.decide", "colleague_request", id.0))?;
    if row.state == "waiting" {
        return Ok(row);
    }
    let message = "Someone else has decided this request meanwhile. Open the list again to see what was decided.";
    Err(Refusal::new(ErrorCode::DecidedAlready, message).into())
}

async fn decided(
    tx: &mut Tx,
    id: ColleagueRequestId,
    row: &Row,
    state: &'static str,
    reason: Option<&str>,
    user: Option<UserId>,
) -> Result<(), Failure> {
    let (now, by) = (tx.now(), tx.actor());
    let sql = "UPDATE colleague_requests SET state = $2, decided_by = $3, decided_at = $4, reason = $5, user_id = $6
               WHERE id = $1";
    both!(tx.conn(), c => sqlx::query(sql)
        .bind(id).bind(state).bind(by).bind(now).bind(reason).bind(user).execute(c).await.map(|_| ()))?;
    let action = if state == "approved" {
        "colleague.approved"
    } else {
        "colleague.refused"
    };
    let detail = serde_json::json!({ "request": id, "establishment": row.establishment_id, "user": user });
    tx.audit(action, "user", Some(row.asked_by.0), &detail);
    // Wakes the window of who asked, and those of others who might decide.
    tx.change(Audience::User(row.asked_by), Changed::Me);
    tx.change(Audience::LaRoles, Changed::Person(row.asked_by));
    Ok(())
}

/// Approves a request: the colleague is added and invited, or, where they are a Designated Teacher already, linked.
pub(super) struct Approve {
    pub id: ColleagueRequestId,
    pub how: ApproveColleague,
}

#[derive(sqlx::FromRow)]
struct Existing {
    id: UserId,
    #[sqlx(try_from = "String")]
    role: Role,
    #[sqlx(try_from = "String")]
    status: UserStatus,
    first_name: String,
    last_name: String,
}

#[async_trait]
impl Job for Approve {
    type Output = ColleagueRequestId;

    async fn run(&self, tx: &mut Tx) -> Result<ColleagueRequestId, Failure> {
        let row = waiting(tx, self.id).await?;
        let wanted = LinkEntry {
            id: None,
            establishment_id: row.establishment_id,
            capacity: self.how.capacity,
            start: self.how.start,
            end: self.how.end,
        };
        let sql = "SELECT id, role, status, first_name, last_name FROM users WHERE email_key = $1";
        let existing: Option<Existing> =
            both!(tx.conn(), c => sqlx::query_as(sql).bind(&row.email_key).fetch_optional(c).await)?;
        let user = match existing {
            None => {
                let entry = UserEntry {
                    role: Role::DesignatedTeacher,
                    first_name: row.first_name.clone(),
                    last_name: row.last_name.clone(),
                    job_title: row.job_title.clone(),
                    email: row.email.clone(),
                    phone: String::new(),
                    links: vec![wanted],
                };
                let adding = AddUser {
                    entry,
                    link_later: false,
                    invite: true,
                };
                add::add(tx, &adding).await?
            }
            Some(existing) => {
                existing.require_linkable()?;
                if !is_linked_there(tx, existing.id, row.establishment_id).await? {
                    link::link(tx, existing.id, wanted).await?;
                }
                existing.id
            }
        };
        decided(tx, self.id, &row, "approved", None, Some(user)).await?;
        Ok(self.id)
    }
}

impl Existing {
    fn require_linkable(&self) -> Result<(), Refusal> {
        let name = format!("{} {}", self.first_name, self.last_name);
        let message = if !self.role.is_linked() {
            format!(
                "{name}, who has this e-mail address, is a user with the role {}. Refuse the request, or change that user's role first.",
                self.role.display_name()
            )
        } else if self.status == UserStatus::Inactive {
            format!("{name}, who has this e-mail address, is inactive. Set that user to invited first, then approve.")
        } else {
            return Ok(());
        };
        Err(Refusal::new(ErrorCode::EmailInUse, message).about("email"))
    }
}

async fn is_linked_there(tx: &mut Tx, user: UserId, at: EstablishmentId) -> Result<bool, Failure> {
    let today = tx.today();
    let links = links::stored(tx, user).await?;
    let holds = |link: &links::StoredLink| link.start_on <= today && link.end_on.is_none_or(|end| today <= end);
    Ok(links.iter().any(|link| link.establishment_id == at && holds(link)))
}

/// Refuses a request, with a reason for who asked.
pub(super) struct Refuse {
    pub id: ColleagueRequestId,
    pub how: RefuseColleague,
}

#[async_trait]
impl Job for Refuse {
    type Output = ColleagueRequestId;

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<ColleagueRequestId, Failure> {
        let row = waiting(tx, self.id).await?;
        let reason = self.how.reason.split_whitespace().collect::<Vec<_>>().join(" ");
        if reason.is_empty() {
            return Err(Refusal::field("reason", "Enter why you refuse. The person who asked will read it.").into());
        }
        if reason.chars().count() > REASON_CHARS || reason.contains(char::is_control) {
            let message = format!("Enter a reason of at most {REASON_CHARS} characters.");
            return Err(Refusal::field("reason", message).into());
        }
        decided(tx, self.id, &row, "refused", Some(&reason), None).await?;
        Ok(self.id)
    }
}
