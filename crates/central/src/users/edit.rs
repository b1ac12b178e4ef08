//! Editing a user: who they are, their role, their links, whether they may sign in.

use std::collections::BTreeSet;

use async_trait::async_trait;
use lac_domain::{EstablishmentId, Role, UserId, UserStatus};
use lac_wire::EditUser;

use super::add::{establishment_needed, require_free_email};
use super::changed::changed_since;
use super::entry::{self, Entry};
use super::invite::send_invitation;
use super::leaving::{Leaver, take_back_invitation};
use super::links::{self, StoredLink};
use super::rows::sort_key;
use super::tell::{Told, tell};
use super::words::replace_words;
use crate::access::Affected;
use crate::accounts::{NewCode, forget_second_factor};
use crate::assignments::end_focus_lists;
use crate::both;
use crate::error::{Failure, Refusal};
use crate::mail::Mail;
use crate::scope::Scope;
use crate::writer::{Job, Tx};

/// Edits a user.
pub(super) struct Edit {
    /// Who asks.
    pub scope: Scope,
    pub user: UserId,
    pub edit: EditUser,
}

#[derive(sqlx::FromRow)]
struct Row {
    revision: i64,
    #[sqlx(try_from = "String")]
    role: Role,
    #[sqlx(try_from = "String")]
    status: UserStatus,
    first_name: String,
    last_name: String,
    job_title: String,
    email: String,
    email_key: String,
    phone: String,
    invitation_held: bool,
}

impl Row {
    fn leaver<'a>(&self, user: UserId, name: &'a str) -> Leaver<'a> {
        Leaver {
            user,
            role: self.role,
            status: self.status,
            name,
        }
    }

    /// The names of the fields that an entry would change: for the trail, which holds no values.
    fn differing(&self, entry: &Entry, status: UserStatus) -> Vec<&'static str> {
        let fields = [
            ("role", self.role != entry.role),
            ("status", self.status != status),
            ("first_name", self.first_name != entry.first_name),
            ("last_name", self.last_name != entry.last_name),
            ("job_title", self.job_title != entry.job_title),
            ("email", self.email != entry.email),
            ("phone", self.phone != entry.phone),
        ];
        fields
            .into_iter()
            .filter(|(_, differs)| *differs)
            .map(|(field, _)| field)
            .collect()
    }
}

#[async_trait]
impl Job for Edit {
    type Output = UserId;

    async fn run(&self, tx: &mut Tx) -> Result<UserId, Failure> {
        let (user, status) = (self.user, self.edit.status);
        let sql =
            "SELECT revision, role, status, first_name, last_name, job_title, email, email_key, phone, invitation_held
                   FROM users WHERE id = $1";
        let row: Option<Row> = both!(tx.conn(), c => sqlx::query_as(sql).bind(user).fetch_optional(c).await)?;
        let row = row.ok_or_else(|| Refusal::not_found().denied("user.edit", "user", user.0))?;
        if row.revision != self.edit.revision {
            let refusal = changed_since(tx, user, self.edit.revision, row.revision).await?;
            return Err(refusal.into());
        }
        let entry = entry::judge(&self.edit.entry)?;
        let name = format!("{} {}", row.first_name, row.last_name);
        let before = links::stored(tx, user).await?;
        let plan = links::plan(entry.role, &self.edit.entry.links, &before, tx.today())?;
        judge_status(row.status, status)?;
        let leaver = row.leaver(user, &name);
        let goes = status == UserStatus::Inactive && row.status != UserStatus::Inactive;
        if goes || row.role != entry.role {
            leaver.require_free_to_go(tx).await?;
        }
        let was_unlinked = row.role.is_linked() && before.is_empty();
        if entry.role.is_linked() && !plan.any && !was_unlinked && status != UserStatus::Inactive {
            return Err(establishment_needed().into());
        }
        require_free_email(tx, &entry.email_key, Some(user)).await?;

        let fields = row.differing(&entry, status);
        if fields.is_empty() && plan.is_empty() {
            return Ok(user);
        }
        if goes || entry.role.is_linked() {
            leaver.settle_pupils(tx, self.scope, self.edit.pupils).await?;
        }
        if row.role.is_la() && !entry.role.is_la() {
            end_focus_lists(tx, [user]).await?;
        }
        write(tx, user, &row, &entry, status).await?;
        if !fields.is_empty() {
            let roles = (row.role != entry.role).then(|| [row.role.as_str(), entry.role.as_str()]);
            let statuses = (row.status != status).then(|| [row.status.as_str(), status.as_str()]);
            let detail = serde_json::json!({ "fields": fields, "role": roles, "status": statuses });
            tx.audit("user.changed", "user", Some(user.0), &detail);
        }
        links::apply(tx, user, &plan).await?;
        let links = (!plan.is_empty()).then_some("links");
        tx.note_user_change(user, &fields.iter().copied().chain(links).collect::<Vec<_>>())
            .await?;
        if goes {
            tx.end_sessions(user).await?;
        }
        if row.email_key != entry.email_key {
            self.tell_addresses(tx, &row).await?;
        }
        self.invite_or_take_back(tx, &row, &entry, plan.linked).await?;

        let told = Told {
            user,
            everyone: row.role.is_la() || entry.role.is_la(),
            establishments: touched(&before, &plan.establishments()),
            shown_otherwise: fields.iter().any(|field| *field != "phone" && *field != "email") || !plan.is_empty(),
            entitled_otherwise: row.role != entry.role || row.status != status || !plan.is_empty(),
        };
        // Those who saw a pupil with them before are told too, so this comes before access is worked out again.
        tell(tx, &told).await?;
        if told.entitled_otherwise {
            tx.refresh_access(&Affected::Users(vec![user])).await?;
        }
        Ok(user)
    }
}

/// The establishments where the user is or was known.
pub(super) fn touched(before: &[StoredLink], changed: &BTreeSet<EstablishmentId>) -> BTreeSet<EstablishmentId> {
    before
        .iter()
        .map(|link| link.establishment_id)
        .chain(changed.iter().copied())
        .collect()
}

/// Which statuses may follow which.
fn judge_status(before: UserStatus, after: UserStatus) -> Result<(), Refusal> {
    use UserStatus::{Active, Inactive, Invited};
    let message = match (before, after) {
        (Invited, Invited | Inactive) | (Active, Active | Inactive) | (Inactive, Inactive | Invited) => return Ok(()),
        (Invited, Active) => "A user becomes active by taking up their invitation. Send it again if they have lost it.",
        (Active, Invited) => "This user has signed in already. They can be active or inactive.",
        (Inactive, Active) => "An inactive user comes back by a new invitation. Set them to invited, and send it.",
    };
    Err(Refusal::field("status", message))
}

impl Edit {
    /// Tells both addresses that the e-mail address was changed, and with it the sign-in. Who has not signed in yet
    /// learns the new one by an invitation.
    async fn tell_addresses(&self, tx: &mut Tx, row: &Row) -> Result<(), Failure> {
        if row.status == UserStatus::Active {
            let address = &row.email;
            tx.queue_mail(self.user, Mail::AddressBefore { address }).await?;
            tx.queue_mail(self.user, Mail::AddressAfter).await?;
        }
        Ok(())
    }

    /// Sends the invitation that waited for a link; takes back one that went to an address that was wrong, or to
    /// someone who may no longer sign in.
    async fn invite_or_take_back(&self, tx: &mut Tx, row: &Row, entry: &Entry, linked: bool) -> Result<(), Failure> {
        let (user, now) = (self.user, tx.now());
        let invited = row.status == UserStatus::Invited && self.edit.status == UserStatus::Invited;
        let may_have_it = !entry.role.is_linked() || linked;
        let stale = self.edit.status == UserStatus::Inactive || (invited && row.email_key != entry.email_key);
        if stale {
            let taken = take_back_invitation(tx, user).await?;
            if invited && may_have_it && taken.iter().any(|expires| now < *expires) {
                tx.invite(user, NewCode::Mailed).await?;
                return Ok(());
            }
        }
        if invited && row.invitation_held && may_have_it {
            send_invitation(tx, user).await?;
        }
        Ok(())
    }
}

async fn write(tx: &mut Tx, user: UserId, row: &Row, entry: &Entry, status: UserStatus) -> Result<(), Failure> {
    // Who comes back by an invitation chooses a new password, and sets up the second step anew.
    let forget = row.status == UserStatus::Inactive && status == UserStatus::Invited;
    let sql = "UPDATE users SET revision = revision + 1, role = $2, status = $3, first_name = $4, last_name = $5,
                 name_key = $6, email = $7, email_key = $8, job_title = $9, phone = $10,
                 password_hash = CASE WHEN $11 THEN NULL ELSE password_hash END,
                 invitation_held = (invitation_held AND $3 = 'invited')
               WHERE id = $1";
    both!(tx.conn(), c => sqlx::query(sql)
        .bind(user).bind(entry.role.as_str()).bind(status.as_str()).bind(&entry.first_name).bind(&entry.last_name)
        .bind(sort_key(&entry.first_name, &entry.last_name)).bind(&entry.email).bind(&entry.email_key)
        .bind(&entry.job_title).bind(&entry.phone).bind(forget)
        .execute(c).await.map(|_| ()))?;
    if forget {
        forget_second_factor(tx, user).await?;
    }
    let texts = [&*entry.first_name, &entry.last_name, &entry.job_title, &entry.email];
    Ok(replace_words(tx, [(user, texts)].into_iter()).await?)
}
