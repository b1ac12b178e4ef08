//! What a commit has to write: worked out from the judgement beside the rows of the users who exist.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use lac_domain::access::Days;
use lac_domain::{AssignmentId, Capacity, EstablishmentId, ImportId, PupilId, Role, UserId, UserStatus};
use lac_import::{JudgedUser, UserOutcome};

use super::known::Found;
use super::restore::FormerLink;
use crate::assignments::Stored;
use crate::error::StoreError;
use crate::users::{NewLink, NewUser, sort_key};
use crate::writer::Tx;

/// An assignment that is to be written.
pub(super) struct NewAssignment {
    pub id: AssignmentId,
    pub user: UserId,
    pub pupil: PupilId,
}

/// A user who exists, as far as an update needs to know them.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Existing {
    pub id: UserId,
    pub revision: i64,
    #[sqlx(try_from = "String")]
    pub role: Role,
    #[sqlx(try_from = "String")]
    pub status: UserStatus,
    pub first_name: String,
    pub last_name: String,
    pub job_title: String,
    pub email: String,
    pub phone: String,
    pub invitation_held: bool,
}

/// The users who exist, with the establishments that they are linked to today or later, and the pupils that they
/// are assigned to.
#[derive(Default)]
pub(super) struct Before {
    pub users: HashMap<UserId, Existing>,
    pub linked: HashSet<(UserId, EstablishmentId)>,
    /// Their assignments that hold today or later.
    pub assigned: HashMap<UserId, Vec<Stored>>,
    /// All their links, ended ones too.
    pub links: HashMap<UserId, Vec<FormerLink>>,
}

/// A user who exists and takes what the file says.
pub(super) struct Updated {
    pub after: Existing,
    /// The names of the fields that change.
    pub fields: Vec<&'static str>,
    /// Whether their links go, because the new role is not linked to establishments.
    pub unlinked: bool,
    /// Whether their focus list ends, because the new role is no LA role.
    pub unfocused: bool,
}

/// What becomes of one user, for the trail.
pub(super) struct Done {
    pub user: UserId,
    pub role: Role,
    pub created: bool,
    /// The role that they had, where it changes.
    pub role_before: Option<Role>,
    pub fields: Vec<&'static str>,
    pub establishments: Vec<EstablishmentId>,
    pub pupils: Vec<PupilId>,
}

/// What a commit writes.
#[derive(Default)]
pub(super) struct Plan {
    pub created: Vec<NewUser>,
    pub updated: Vec<Updated>,
    pub links: Vec<NewLink>,
    pub assignments: Vec<NewAssignment>,
    /// Whom to invite now.
    pub invited: Vec<UserId>,
    /// Whose invitation waits until they are linked.
    pub held: BTreeSet<UserId>,
    pub done: Vec<Done>,
}

impl Plan {
    /// Works out what to write.
    pub fn of(
        tx: &Tx,
        import: ImportId,
        users: Vec<JudgedUser>,
        found: &Found,
        before: &Before,
        invite: bool,
    ) -> Result<Self, StoreError> {
        let mut plan = Self::default();
        plan.created.reserve(users.len());
        plan.done.reserve(users.len());
        for user in users {
            match user.outcome {
                UserOutcome::Create => plan.create(tx, import, user, found, invite)?,
                UserOutcome::Update => plan.update(tx, import, user, found, before)?,
                UserOutcome::Skip | UserOutcome::Unknown => {}
            }
        }
        Ok(plan)
    }

    fn create(
        &mut self,
        tx: &Tx,
        import: ImportId,
        user: JudgedUser,
        found: &Found,
        invite: bool,
    ) -> Result<(), StoreError> {
        let id: UserId = tx.new_id()?;
        let nothing = Before::default();
        let (establishments, pupils) = self.tie(tx, import, id, &user, found, &nothing)?;
        match (invite, user.not_linked_yet) {
            (true, false) => self.invited.push(id),
            (true, true) => {
                self.held.insert(id);
            }
            (false, _) => {}
        }
        self.done.push(Done {
            user: id,
            role: user.role,
            created: true,
            role_before: None,
            fields: Vec::new(),
            establishments,
            pupils,
        });
        self.created.push(NewUser {
            id,
            role: user.role,
            status: UserStatus::Invited,
            name_key: sort_key(&user.first_name, &user.last_name),
            first_name: user.first_name,
            last_name: user.last_name,
            email: user.email,
            email_key: user.email_key,
            job_title: user.job_title,
            phone: user.phone,
            import: Some(import),
        });
        Ok(())
    }

    fn update(
        &mut self,
        tx: &Tx,
        import: ImportId,
        user: JudgedUser,
        found: &Found,
        before: &Before,
    ) -> Result<(), StoreError> {
        let existing = found.users.get(&user.email_key).and_then(|id| before.users.get(id));
        let existing = existing.ok_or(StoreError::Inconsistent("a user who exists is not there"))?;
        let (establishments, pupils) = self.tie(tx, import, existing.id, &user, found, before)?;
        let mut after = existing.clone();
        let mut fields = Vec::new();
        // A blank cell says nothing, and takes nothing away.
        for (field, stored, said) in [
            ("first_name", &mut after.first_name, user.first_name),
            ("last_name", &mut after.last_name, user.last_name),
            ("job_title", &mut after.job_title, user.job_title),
            ("email", &mut after.email, user.email),
            ("phone", &mut after.phone, user.phone),
        ] {
            if !said.is_empty() && *stored != said {
                *stored = said;
                fields.push(field);
            }
        }
        // Only where the row itself names the role: otherwise a difference is an error.
        if after.role != user.role {
            after.role = user.role;
            fields.push("role");
        }
        if fields.is_empty() && establishments.is_empty() && pupils.is_empty() {
            return Ok(());
        }
        // An invitation that waited for a link goes out with it.
        if existing.invitation_held && existing.status == UserStatus::Invited && !establishments.is_empty() {
            self.invited.push(existing.id);
        }
        self.done.push(Done {
            user: existing.id,
            role: after.role,
            created: false,
            role_before: (after.role != existing.role).then_some(existing.role),
            fields: fields.clone(),
            establishments,
            pupils,
        });
        let unlinked = existing.role.is_linked() && !after.role.is_linked();
        let unfocused = existing.role.is_la() && !after.role.is_la();
        self.updated.push(Updated {
            after,
            fields,
            unlinked,
            unfocused,
        });
        Ok(())
    }

    /// The links and assignments that a user does not have yet.
    fn tie(
        &mut self,
        tx: &Tx,
        import: ImportId,
        id: UserId,
        user: &JudgedUser,
        found: &Found,
        before: &Before,
    ) -> Result<(Vec<EstablishmentId>, Vec<PupilId>), StoreError> {
        let missing = || StoreError::Inconsistent("what was judged to be known is not");
        let today: NaiveDate = tx.today();
        let (mut establishments, mut pupils) = (Vec::new(), Vec::new());
        for urn in &user.urns {
            let establishment = *found.establishments.get(urn).ok_or_else(missing)?;
            if before.linked.contains(&(id, establishment)) {
                continue;
            }
            establishments.push(establishment);
            self.links.push(NewLink {
                id: tx.new_id()?,
                user: id,
                establishment,
                capacity: Capacity::DesignatedTeacher,
                days: Days {
                    start: today,
                    end: None,
                },
                import: Some(import),
            });
        }
        // A focus list ends with its role, and what the file assigns begins anew.
        let stays = before
            .users
            .get(&id)
            .is_some_and(|was| was.role.is_la() == user.role.is_la());
        let assigned = before.assigned.get(&id).filter(|_| stays);
        for upn in &user.upns {
            let pupil = *found.pupils.get(upn).ok_or_else(missing)?;
            if !assigned.is_some_and(|all| all.iter().any(|one| one.pupil_id == pupil)) {
                pupils.push(pupil);
                self.assignments.push(NewAssignment {
                    id: tx.new_id()?,
                    user: id,
                    pupil,
                });
            }
        }
        Ok((establishments, pupils))
    }
}
